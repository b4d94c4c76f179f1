with known as (

    {{ as_known('storage', ['period_month', 'region_code', 'storage']) }}

)

select
    -- ids
    region_code,
    storage,

    -- period
    period_month,

    -- quantities
    charge_mwh,
    discharge_mwh,
    charge_mwh - discharge_mwh as loss_mwh,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
