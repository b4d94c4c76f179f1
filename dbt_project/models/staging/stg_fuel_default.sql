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
    known_at
from known
