with gwp as (

    select * from {{ ref('stg_gwp') }}

),

final as (

    select
        -- ids
        gwp_set,
        gas,
        guideline,

        -- value
        cast(value as decimal(18, 6)) as value,
        'kgCO2e/kg' as unit,

        -- evidence
        source_id
    from gwp

)

select *
from final
order by gwp_set, gas, guideline
