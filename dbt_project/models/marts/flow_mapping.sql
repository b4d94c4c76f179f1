with mapping as (

    select * from {{ ref('stg_flow_mapping') }}

),

final as (

    select
        -- ids
        flow_id,
        list,

        -- target
        target_id,
        target_name,
        target_unit,
        cast(factor as double) as factor,

        -- evidence
        note,
        source_id as source_ids
    from mapping

)

select *
from final
order by flow_id, list
