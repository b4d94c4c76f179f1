with known as (

    {{ as_known('power_fuel_use', ['period_month', 'region_code', 'fuel']) }}

)

select
    region_code,
    period_month,
    fuel,
    amount,
    unit,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
