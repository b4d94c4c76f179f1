-- Each province's balance: generation, consumption, and the net import that closes it. Nation-wide
-- generation and consumption differ by a few per cent (statistics of two bodies); consumption is
-- scaled so that the nation's balance closes, and the scale is published. What storage gave back is
-- taken off both sides: it was generated, and counted as consumption, when it was stored.
with generation as (

    select
        region_code,
        year,
        period_month,
        sum(generation_mwh) as generation_mwh
    from {{ ref('int_generation_month') }}
    group by region_code, year, period_month

),

recirculated as (

    select
        region_code,
        period_month,
        sum(recirculated_mwh) as recirculated_mwh
    from {{ ref('int_storage_month') }}
    group by region_code, period_month

),

consumption as (

    select
        statistic.region_code,
        statistic.period_month,
        statistic.energy_mwh - coalesce(recirculated.recirculated_mwh, 0) as consumption_mwh,
        statistic.known_at
    from {{ ref('int_monthly_statistic') }} as statistic
    left join recirculated
        on
            statistic.region_code = recirculated.region_code
            and statistic.period_month = recirculated.period_month
    where statistic.flow = 'consumption'

),

paired as (

    select
        generation.region_code,
        generation.year,
        generation.period_month,
        generation.generation_mwh,
        consumption.consumption_mwh,
        consumption.known_at,
        sum(generation.generation_mwh) over (
            partition by generation.period_month
        ) as national_generation_mwh
    from generation
    inner join consumption
        on
            generation.region_code = consumption.region_code
            and generation.period_month = consumption.period_month

),

scaled as (

    select
        *,
        cast({{ exact_share(
            'national_generation_mwh', 'consumption_mwh', 'period_month', 'region_code'
        ) }} as decimal(38, 6)) as balanced_consumption_mwh
    from paired

)

select
    region_code,
    year,
    period_month,
    generation_mwh,
    consumption_mwh,
    balanced_consumption_mwh,
    balanced_consumption_mwh - generation_mwh as net_import_mwh,
    known_at
from scaled
