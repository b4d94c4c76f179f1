with known as (

    {{ as_known('product', ['product_code']) }}

)

select
    -- ids
    product_code,
    name_zh,
    name_en,
    chain,
    unit,
    cpc_code,
    national_code,
    carbon_origin,

    -- quantities
    mass_kg_per_unit,
    carbon_content_kg_per_unit,
    lower_heating_value_mj_per_unit,
    biogenic_uptake_kg_per_unit,

    -- evidence
    basis,
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
