with factor as (

    select * from {{ ref('int_characterisation') }}

),

sources as (

    select
        gwp_set,
        string_agg(distinct source_id, ',' order by source_id) as source_ids
    from {{ ref('stg_gwp') }}
    group by gwp_set

),

final as (

    select
        -- ids
        factor.indicator,
        factor.flow_id,
        sources.gwp_set,

        -- value
        cast(factor.factor as double) as factor,
        'kgCO2e/kg' as unit,

        -- evidence
        sources.source_ids
    from factor
    inner join sources on split_part(factor.indicator, '.', 2) = lower(sources.gwp_set)

)

select *
from final
order by indicator, flow_id
