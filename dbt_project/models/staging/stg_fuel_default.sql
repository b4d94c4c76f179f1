with known as (

    {{ as_known('fuel_default', ['fuel', 'guideline', 'quantity', 'unit']) }}

)

select
    fuel,
    guideline,
    quantity,
    value,
    unit,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
