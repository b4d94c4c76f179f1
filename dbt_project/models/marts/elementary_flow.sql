with flow as (

    select * from {{ ref('stg_elementary_flow') }}

),

final as (

    select
        -- ids
        flow_id,

        -- names
        name_zh,
        name_en,
        gas,
        formula,
        cas,

        -- terms
        compartment,
        unit,
        coalesce(carbon_origin, 'none') as carbon_origin,
        direction,
        id_origin,

        -- evidence
        source_id as source_ids
    from flow

)

select *
from final
order by flow_id
