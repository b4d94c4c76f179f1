-- Reported transfers between grid regions by month: each report's step shared by days.
with report as (

    select * from {{ ref('int_transfer_report') }}
    where
        kind = 'interregional'
        and sender_level = 'grid_region'
        and not_used is null

),

month_of_step as (

    select
        report.*,
        cast(month_list.month_start as date) as period_month,
        cast(extract(day from last_day(month_list.month_start)) as decimal(18, 6)) as days
    from report
    cross join unnest(
        generate_series(report.step_start, report.period_end, interval 1 month)
    ) as month_list (month_start)

)

select
    constraint_id,
    from_region_code,
    to_region_codes,
    period_month,
    cast({{ exact_share('step_mwh', 'days', 'constraint_id', 'period_month') }} as decimal(38, 6))
        as energy_mwh,
    source_id,
    known_at
from month_of_step
