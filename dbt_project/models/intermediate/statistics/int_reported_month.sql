-- Months out of year-to-date values: the step between two standing readings belongs to the
-- months after the first up to the second. A step of several months (January-February, a
-- missing month, a reading set aside) is shared: thermal generation as the province's consumption
-- ran in those months, consumption as the province's generation ran, the rest by days. The parts
-- add up to the step.
with reading as (

    select * from {{ ref('int_ytd_reading') }}
    where not is_set_aside

),

step as (

    select
        region_code,
        flow,
        technology,
        year,
        month as last_month,
        source_id,
        known_at,
        coalesce(lag(month) over series, 0) + 1 as first_month,
        energy_ytd_mwh - coalesce(lag(energy_ytd_mwh) over series, 0) as step_mwh
    from reading
    window series as (partition by region_code, flow, technology, year order by month)

),

month_of_step as (

    select
        step.*,
        cast(month_list.month_number as integer) as month,
        make_date(step.year, month_list.month_number, 1) as period_month,
        cast(extract(day from last_day(period_month)) as decimal(18, 6)) as days
    from step
    cross join unnest(range(step.first_month, step.last_month + 1)) as month_list (month_number)

),

by_days as (

    select
        *,
        cast({{ exact_share(
            'step_mwh', 'days', 'region_code, flow, technology, year, last_month', 'month'
        ) }} as decimal(38, 6)) as energy_mwh
    from month_of_step

),

-- How each flow of the province ran, month by month.
other_flow as (

    select
        region_code,
        flow,
        period_month,
        sum(energy_mwh) as energy_mwh
    from by_days
    where technology in ('thermal', 'hydro', 'nuclear', 'solar', 'total')
    group by region_code, flow, period_month

),

weighted as (

    select
        by_days.*,
        case
            when by_days.technology in ('thermal', 'total')
                then cast(
                    coalesce(nullif(other_flow.energy_mwh, 0), by_days.days) as decimal(38, 6)
                )
            else cast(by_days.days as decimal(38, 6))
        end as weight
    from by_days
    left join other_flow
        on
            by_days.region_code = other_flow.region_code
            and by_days.period_month = other_flow.period_month
            and by_days.flow <> other_flow.flow

),

shared as (

    select
        *,
        {{ exact_share(
            'step_mwh', 'weight', 'region_code, flow, technology, year, last_month', 'month'
        ) }} as shared_mwh
    from weighted

)

select
    region_code,
    flow,
    technology,
    year,
    month,
    period_month,
    cast(shared_mwh as decimal(38, 6)) as energy_mwh,
    case
        when first_month = last_month then 'reported'
        else 'reported_step_shared'
    end as method_id,
    -- The months of the step that this one is a part of.
    first_month,
    last_month,
    source_id,
    known_at
from shared
