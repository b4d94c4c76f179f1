with known as (

    {{ as_known('national_generation', ['year', 'flow', 'technology', 'coverage', 'publisher']) }}

)

select
    -- ids
    flow,
    technology,
    coverage,
    publisher,

    -- period
    year,

    -- quantities
    energy_mwh,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
