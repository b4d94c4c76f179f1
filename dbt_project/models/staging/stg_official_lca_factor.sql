with known as (

    {{ as_known('official_lca_factor', ['year', 'technology']) }}

)

select
    technology,
    year,
    value_kg_per_kwh,
    announcement,

    source_id,
    known_at
from known
