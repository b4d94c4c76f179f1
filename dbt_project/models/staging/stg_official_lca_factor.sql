with known as (

    {{ as_known('official_lca_factor', ['year', 'technology']) }}

)

select
    technology,
    year,
    value_kg_per_kwh,
    announcement,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
