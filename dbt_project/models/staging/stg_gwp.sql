with known as (

    {{ as_known('gwp', ['gwp_set', 'gas', 'guideline']) }}

)

select
    gwp_set,
    gas,
    value,
    guideline,

    source_id,
    known_at
from known
