-- Nowcast: the months after the last that the nation's series give, up to `nowcast_months` beyond
-- the newest bulletin. A cell (province, flow, technology) takes the same month of the year before
-- (the season) times how its latest known months, three at most, compare with the same months a
-- year before (the latest balance), within bounds. A cell without that month a year before takes
-- the mean of its latest months. Wind, whose series has gaps of its own, is int_wind_carried's
-- business; a month before which no year is known has no nowcast.
{% set bound = var('nowcast_growth_bound') %}

with known as (

    select * from {{ ref('int_known_month') }}
    where technology <> 'wind'

),

newest as (

    select max(period_month) as period_month from {{ ref('stg_electricity_bulletin') }}

),

-- The last month of each series, nation-wide.
series as (

    select
        flow,
        technology,
        max(period_month) as last_month
    from known
    group by flow, technology

),

wanted as (

    select
        series.flow,
        series.technology,
        series.last_month,
        cast(month_list.month_start as date) as period_month,
        cast(month_list.month_start - interval 1 year as date) as base_month
    from series
    cross join newest
    cross join unnest(range(
        series.last_month + interval 1 month,
        newest.period_month + interval {{ var('nowcast_months') + 1 }} month,
        interval 1 month
    )) as month_list (month_start)

),

latest as (

    select
        known.*,
        before.energy_mwh as before_mwh
    from known
    inner join series
        on known.flow = series.flow and known.technology = series.technology
    left join known as before
        on
            known.region_code = before.region_code
            and known.flow = before.flow
            and known.technology = before.technology
            and known.period_month = before.period_month + interval 1 year
    where known.period_month > series.last_month - interval 3 month

),

cell as (

    select
        region_code,
        flow,
        technology,
        cast(sum(energy_mwh) as double) / count(*) as mean_mwh,
        least(greatest(
            coalesce(
                cast(sum(case when before_mwh is not null then energy_mwh end) as double)
                / nullif(sum(before_mwh), 0), 1
            ), 1 / {{ bound }}
        ), {{ bound }}) as growth,
        arg_max(source_id, period_month) as source_id,
        max(known_at) as known_at
    from latest
    group by region_code, flow, technology

),

base_month as (

    select distinct
        flow,
        technology,
        period_month
    from known

)

select
    cell.region_code,
    cell.flow,
    cell.technology,
    cast(extract(year from wanted.period_month) as integer) as year,
    cast(extract(month from wanted.period_month) as integer) as month,
    wanted.period_month,
    {{ energy('coalesce(base.energy_mwh * cell.growth, cell.mean_mwh)') }} as energy_mwh,
    'nowcast_seasonal' as method_id,
    cell.source_id,
    cell.known_at,
    cell.growth,
    base.energy_mwh as base_mwh,
    wanted.last_month as last_known_month
from wanted
inner join base_month
    on
        wanted.flow = base_month.flow
        and wanted.technology = base_month.technology
        and wanted.base_month = base_month.period_month
inner join cell
    on wanted.flow = cell.flow and wanted.technology = cell.technology
left join known as base
    on
        cell.region_code = base.region_code
        and cell.flow = base.flow
        and cell.technology = base.technology
        and wanted.base_month = base.period_month
