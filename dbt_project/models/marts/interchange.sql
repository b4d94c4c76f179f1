with modelled as (

    select * from {{ ref('int_interchange_period') }}

),

reported as (

    select * from {{ ref('stg_interregional_transfer') }}
    where
        kind = 'interregional'
        and from_region_code like 'GRID_%'
        and period_end <= last_day(cast('{{ var("release_month") }}-01' as date))

),

period as (

    select * from {{ ref('int_period') }}

),

flows as (

    select
        modelled.level,
        modelled.from_region_code,
        modelled.to_region_code,
        modelled.period_start,
        modelled.period_end,
        modelled.resolution,
        'modelled' as quality_tier,
        'least_squares_balance' as method_id,
        modelled.energy_mwh,
        modelled.capacity_mwh,
        case
            when modelled.resolution = 'year' then '{{ var("interchange_treatment") }}' else 'net'
        end as treatment,
        period.maturity
    from modelled
    inner join period
        on
            modelled.period_start = period.period_start
            and modelled.resolution = period.resolution

    union all

    select
        'grid_region' as level,
        from_region_code,
        to_region_codes as to_region_code,
        period_start,
        period_end,
        'year_to_date' as resolution,
        'reported' as quality_tier,
        'reported_transfer' as method_id,
        energy_mwh,
        cast(null as decimal(38, 6)) as capacity_mwh,
        'as_reported' as treatment,
        'final' as maturity
    from reported

),

final as (

    select
        -- ids
        level,
        from_region_code,
        to_region_code,
        period_start,
        period_end,
        resolution,
        quality_tier,
        method_id,

        -- quantities
        cast(energy_mwh as decimal(38, 6)) as energy_mwh,
        cast(capacity_mwh as decimal(38, 6)) as capacity_mwh,
        treatment,

        -- quality
        maturity
    from flows

)

select *
from final
order by
    level, from_region_code, to_region_code, resolution, period_start, period_end, quality_tier
