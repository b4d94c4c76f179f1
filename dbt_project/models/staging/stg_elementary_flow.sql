with known as (

    {{ as_known('elementary_flow', ['flow_id']) }}

)

select
    -- ids
    flow_id,
    name_zh,
    name_en,
    gas,
    formula,
    cas,
    compartment,
    unit,
    carbon_origin,
    direction,
    id_origin,

    -- evidence
    basis,
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
