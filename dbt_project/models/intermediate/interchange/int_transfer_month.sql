-- Reported transfers between grid regions by month: reports run from January to some month, so a
-- later report's step beyond an earlier one belongs to the months between; shared by days.
with report as (

    select
        from_region_code,
        to_region_codes,
        cast(extract(year from period_start) as integer) as year,
        cast(extract(month from period_end) as integer) as last_month,
        energy_mwh,
        source_id,
        known_at
    from {{ ref('stg_interregional_transfer') }}
    where
        kind = 'interregional'
        and from_region_code like 'GRID_%'
        and extract(month from period_start) = 1

),

step as (

    select
        *,
        coalesce(lag(last_month) over series, 0) + 1 as first_month,
        energy_mwh - coalesce(lag(energy_mwh) over series, 0) as step_mwh
    from report
    window series as (partition by from_region_code, to_region_codes, year order by last_month)

),

month_of_step as (

    select
        step.*,
        make_date(step.year, month_list.month_number, 1) as period_month,
        cast(extract(day from last_day(period_month)) as decimal(18, 6)) as days
    from step
    cross join unnest(range(step.first_month, step.last_month + 1)) as month_list (month_number)
    where step.step_mwh >= 0

)

select
    from_region_code,
    to_region_codes,
    year,
    first_month,
    last_month,
    period_month,
    cast({{ exact_share(
        'step_mwh', 'days', 'from_region_code, to_region_codes, year, last_month', 'period_month'
    ) }} as decimal(38, 6)) as energy_mwh,
    source_id,
    known_at
from month_of_step
