with known as (

    {{ as_known('flow_mapping', ['flow_id', 'list']) }}

)

select
    -- ids
    flow_id,
    list,
    target_id,
    target_name,
    target_unit,

    -- quantities
    factor,

    -- evidence
    note,
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
