with known as (

    {{ as_known('combustion_gas', ['fuel', 'gas', 'guideline']) }}

)

select
    -- ids
    fuel,
    gas,
    guideline,

    -- quantities
    kg_per_tj,
    lower,
    upper,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
