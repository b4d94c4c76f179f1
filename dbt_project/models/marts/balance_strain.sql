-- Where balances strain: every province and month with its statistical difference, and every
-- corridor in the months in which it is full.
with estimate as (

    select * from {{ ref('int_interchange_estimate') }}
    where period_month <= cast('{{ var("release_month") }}-01' as date)

),

strained as (

    select
        'balance' as kind,
        from_region_code,
        'none' as to_region_code,
        period_month,
        capacity_mwh as consumption_mwh,
        cast(null as decimal(38, 6)) as capacity_mwh,
        energy_mwh as difference_mwh,
        cast(null as decimal(38, 6)) as flow_mwh,
        multiplier
    from estimate
    where kind = 'residual'

    union all

    select
        'corridor' as kind,
        case when energy_mwh > 0 then from_region_code else to_region_code end as from_region_code,
        case when energy_mwh > 0 then to_region_code else from_region_code end as to_region_code,
        period_month,
        cast(null as decimal(38, 6)) as consumption_mwh,
        capacity_mwh,
        cast(null as decimal(38, 6)) as difference_mwh,
        abs(energy_mwh) as flow_mwh,
        abs(multiplier) as multiplier
    from estimate
    where kind = 'flow' and multiplier <> 0

),

final as (

    select
        -- ids
        kind,
        from_region_code as region_code,
        to_region_code,
        period_month as period_start,
        last_day(period_month) as period_end,

        -- balances
        consumption_mwh,
        difference_mwh,
        cast(
            cast(difference_mwh as double)
            / ({{ var('consumption_sd') }} * cast(consumption_mwh as double)) as decimal(18, 6)
        ) as z_score,

        -- corridors
        capacity_mwh,
        cast(flow_mwh as decimal(38, 6)) as flow_mwh,

        -- both
        cast(multiplier as decimal(18, 6)) as multiplier
    from strained

)

select *
from final
order by kind, region_code, to_region_code, period_start
