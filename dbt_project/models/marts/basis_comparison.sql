-- What the choice of import basis changes: the supply average on both bases, and the consumption
-- mix of the network where it is published, side by side.
with factor as (

    select * from {{ ref('electricity_factor') }}
    where gas_scope = 'CO2' and factor_kind in ('supply_average', 'consumption_mix')

),

region as (

    select * from {{ ref('region') }}

),

beside as (

    select
        region_code,
        period_start,
        period_end,
        resolution,
        max(
            case
                when factor_kind = 'supply_average' and import_factor_basis = 'generation'
                    then cast(value as decimal(18, 8))
            end
        ) as generation_basis_value,
        max(
            case
                when factor_kind = 'supply_average' and import_factor_basis = 'network'
                    then cast(value as decimal(18, 8))
            end
        ) as network_basis_value,
        max(case when factor_kind = 'consumption_mix' then cast(value as decimal(18, 8)) end)
            as consumption_mix_value
    from factor
    group by region_code, period_start, period_end, resolution
    -- The official structure knows no sub-grids.
    having count(*) filter (where factor_kind = 'supply_average') = 2

),

final as (

    select
        -- ids
        beside.region_code,
        region.level,
        beside.period_start,
        beside.period_end,
        beside.resolution,

        -- values
        beside.generation_basis_value,
        beside.network_basis_value,
        beside.consumption_mix_value,
        'kgCO2/kWh' as unit,

        -- differences
        cast(beside.network_basis_value - beside.generation_basis_value as decimal(18, 8))
            as network_less_generation,
        {{ relative_difference('beside.network_basis_value', 'beside.generation_basis_value') }}
            as network_less_generation_share,
        cast(beside.consumption_mix_value - beside.network_basis_value as decimal(18, 8))
            as consumption_less_network,
        {{ relative_difference('beside.consumption_mix_value', 'beside.network_basis_value') }}
            as consumption_less_network_share
    from beside
    inner join region on beside.region_code = region.region_code

)

select *
from final
order by region_code, resolution, period_start
