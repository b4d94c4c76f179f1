-- Wind months up to November that no bulletin gives, where capacity and hours are known:
-- capacity x hours to the end of November, less what was reported, shared by the same months of
-- the year before in that province, or by days.
with capacity as (

    select * from {{ ref('stg_capacity_utilisation') }}
    where technology = 'wind' and scope = 'above_6mw'

),

statistic as (

    select * from {{ ref('int_monthly_statistic') }}
    where flow = 'generation' and technology = 'wind'

),

reported as (

    select
        region_code,
        year,
        max(month) as last_month,
        sum(energy_mwh) as energy_mwh
    from statistic
    group by region_code, year

),

to_november as (

    select
        november.region_code,
        november.year,
        november.source_id,
        november.known_at,
        november.utilisation_hours_ytd
        * (coalesce(before.capacity_mw, november.capacity_mw) + november.capacity_mw)
        / 2 as energy_mwh
    from capacity as november
    left join capacity as before
        on
            november.region_code = before.region_code
            and november.year = before.year + 1
            and before.month = 12
    where november.month = 11

),

gap as (

    select
        to_november.region_code,
        to_november.year,
        to_november.source_id,
        to_november.known_at,
        coalesce(reported.last_month, 0) + 1 as first_month,
        {{ energy('to_november.energy_mwh') }}
        - coalesce(reported.energy_mwh, 0) as energy_mwh
    from to_november
    left join reported
        on
            to_november.region_code = reported.region_code
            and to_november.year = reported.year
    where coalesce(reported.last_month, 0) < 11

),

month_of_gap as (

    select
        gap.*,
        cast(month_list.month_number as integer) as month,
        make_date(gap.year, month_list.month_number, 1) as period_month
    from gap
    cross join unnest(range(gap.first_month, 12)) as month_list (month_number)
    where gap.energy_mwh > 0

),

weighted as (

    select
        month_of_gap.*,
        cast(coalesce(
            statistic.energy_mwh, extract(day from last_day(month_of_gap.period_month))
        ) as decimal(38, 6)) as weight
    from month_of_gap
    left join statistic
        on
            month_of_gap.region_code = statistic.region_code
            and month_of_gap.year = statistic.year + 1
            and month_of_gap.month = statistic.month

)

select
    region_code,
    'wind' as technology,
    year,
    month,
    period_month,
    cast(
        {{ exact_share('energy_mwh', 'weight', 'region_code, year', 'month') }} as decimal(38, 6)
    ) as energy_mwh,
    'capacity_times_hours' as method_id,
    source_id,
    known_at
from weighted
