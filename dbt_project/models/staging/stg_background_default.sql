with known as (

    {{ as_known('background_default', ['product_code', 'gas']) }}

)

select
    -- ids
    product_code,
    gas,
    unit,

    -- quantities
    kg_per_unit,

    -- evidence
    basis,
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
