with product as (

    select * from {{ ref('stg_product') }}

),

final as (

    select
        -- ids
        product_code,

        -- names
        name_zh,
        name_en,
        chain,

        -- terms
        unit,
        cpc_code,
        national_code,
        {{ product_flow_id('product_code') }} as product_flow_id,

        -- quantities
        cast(mass_kg_per_unit as double) as mass_kg_per_unit,
        cast(carbon_content_kg_per_unit as double) as carbon_content_kg_per_unit,
        cast(lower_heating_value_mj_per_unit as double) as lower_heating_value_mj_per_unit,
        cast(biogenic_uptake_kg_per_unit as double) as biogenic_uptake_kg_per_unit,

        -- evidence
        source_id as source_ids
    from product

)

select *
from final
order by product_code
