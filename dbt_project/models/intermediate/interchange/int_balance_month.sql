-- Each province's balance: generation, consumption, and the net import that closes it. Nation-wide
-- generation and consumption differ by a few per cent (statistics of two bodies); consumption is
-- scaled so that the nation's balance closes, and the scale is published.
with generation as (

    select
        region_code,
        year,
        period_month,
        sum(generation_mwh) as generation_mwh
    from {{ ref('int_generation_month') }}
    group by region_code, year, period_month

),

consumption as (

    select
        region_code,
        period_month,
        energy_mwh as consumption_mwh,
        known_at
    from {{ ref('int_monthly_statistic') }}
    where flow = 'consumption'

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
