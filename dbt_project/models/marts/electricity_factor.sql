with generation as (

    select * from {{ ref('int_generation_factor') }}

),

supply as (

    select * from {{ ref('int_supply_factor') }}

),

fossil as (

    select * from {{ ref('int_fossil_factor') }}

),

region as (

    select * from {{ ref('stg_region') }}

),

sources as (

    select * from {{ ref('int_source_list') }}

),

factors as (

    select
        area_code,
        year,
        period_start,
        period_end,
        resolution,
        maturity,
        'generation_average' as factor_kind,
        'none' as import_factor_basis,
        'generation_average.intensity_anchored.v1' as method_id,
        value,
        variance,
        dqr,
        1 - cast(reported_mwh as double) / generation_mwh as estimated_share,
        'estimated' as quality_tier,
        known_at
    from generation

    union all

    select
        area_code,
        year,
        period_start,
        period_end,
        resolution,
        maturity,
        'supply_average' as factor_kind,
        import_factor_basis,
        'supply_average.net_import_' || import_factor_basis || '_basis.v1' as method_id,
        value,
        variance,
        dqr,
        1 - cast(reported_mwh as double) / (generation_mwh + import_mwh) as estimated_share,
        case when import_mwh > 0 then 'modelled' else 'estimated' end as quality_tier,
        known_at
    from supply

    union all

    select
        area_code,
        year,
        period_start,
        period_end,
        resolution,
        maturity,
        'fossil_power' as factor_kind,
        'none' as import_factor_basis,
        'fossil_power.intensity_anchored.v1' as method_id,
        value,
        variance,
        dqr,
        1 - cast(reported_mwh as double) / generation_mwh as estimated_share,
        'estimated' as quality_tier,
        known_at
    from fossil

),

described as (

    select
        factors.*,
        region.name_zh,
        region.name_en,
        region.level,
        sqrt(factors.variance) * 1.96 as half_width,
        case
            when factors.resolution = 'month' then strftime(factors.period_start, '%Y-%m')
            else strftime(factors.period_start, '%Y')
        end as period_label,
        case
            when factors.factor_kind = 'supply_average' then sources.supply_source_ids
            else sources.generation_source_ids
        end as source_ids
    from factors
    inner join region on factors.area_code = region.region_code
    cross join sources

),

final as (

    select
        -- ids
        'electricity.' || factor_kind || '.' || import_factor_basis || '.co2.'
        || area_code || '.' || period_label as factor_id,
        area_code as region_code,
        name_zh as region_name_zh,
        name_en as region_name_en,

        -- period
        period_start,
        period_end,
        resolution,

        -- meaning
        factor_kind,
        'CO2' as gas_scope,
        'none' as gwp_set,
        'direct_combustion' as system_boundary,
        false as includes_td_losses,
        import_factor_basis,
        method_id,

        -- value
        cast(round_even(value, 8) as decimal(18, 8)) as value,
        'kgCO2/kWh' as unit,
        cast(round_even(greatest(value - half_width, 0), 8) as decimal(18, 8)) as lower_95,
        cast(round_even(value + half_width, 8) as decimal(18, 8)) as upper_95,

        -- quality
        cast(round_even(dqr, 2) as decimal(4, 2)) as dqr,
        quality_tier,
        maturity,
        cast(
            round_even(least(greatest(estimated_share, 0), 1), 8) as decimal(9, 8)
        ) as estimated_share,

        -- evidence
        known_at,
        source_ids,
        case
            when area_code = '540000' then '国家未公布西藏因子；本值由统计量推算'
            when area_code = '150000' then '蒙东、蒙西合为一个省级值'
            when area_code in ('GRID_NORTH', 'GRID_NORTHEAST')
                then '内蒙古按东北电网送出电量推算的比例分属华北与东北'
        end as note_zh,
        case
            when area_code = '540000'
                then 'No official factor is published for Tibet; derived from statistics'
            when area_code = '150000'
                then 'One provincial value over two grids (eastern and western Inner Mongolia)'
            when area_code in ('GRID_NORTH', 'GRID_NORTHEAST')
                then 'Inner Mongolia is divided by the share that the reported transfer implies'
        end as note_en
    from described

)

select *
from final
order by factor_id
