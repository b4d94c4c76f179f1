with known as (

    {{ as_known('gwp', ['gwp_set', 'gas', 'guideline']) }}

)

select
    gwp_set,
    gas,
    value,
    guideline,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
