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
    known_at
from known
