-- Readings of the bulletins behind each province-month of generation and consumption: the
-- year-to-date value, the one before that was subtracted, and where December restated the year,
-- every reading of that year. A month of the nowcast rests on the month a year before and on those
-- that its growth compares.
with statistic as (

    select
        statistic.region_code,
        statistic.flow,
        statistic.technology,
        statistic.year,
        statistic.period_month,
        statistic.method_id,
        reported.first_month,
        reported.last_month
    from {{ ref('int_monthly_statistic') }} as statistic
    inner join {{ ref('int_reported_month') }} as reported
        on
            statistic.region_code = reported.region_code
            and statistic.flow = reported.flow
            and statistic.technology = reported.technology
            and statistic.period_month = reported.period_month

),

nowcast as (

    select
        nowcast.region_code,
        nowcast.flow,
        nowcast.technology,
        reported.year,
        nowcast.period_month,
        nowcast.method_id,
        reported.first_month,
        reported.last_month
    from {{ ref('int_nowcast_month') }} as nowcast
    inner join {{ ref('int_reported_month') }} as reported
        on
            nowcast.region_code = reported.region_code
            and nowcast.flow = reported.flow
            and nowcast.technology = reported.technology
            and (
                reported.period_month = nowcast.period_month - interval 1 year
                or reported.period_month > nowcast.last_known_month - interval 3 month
                or (
                    reported.period_month > nowcast.last_known_month - interval 15 month
                    and reported.period_month <= nowcast.last_known_month - interval 12 month
                )
            )

),

behind as (

    select * from statistic
    union
    select * from nowcast

),

standing as (

    select
        region_code,
        flow,
        technology,
        year,
        month
    from {{ ref('int_ytd_reading') }}
    where not is_set_aside

),

entered as (

    select
        behind.*,
        'reading' as role,
        behind.last_month as reading_month
    from behind

    union all

    select
        behind.*,
        'reading_before' as role,
        behind.first_month - 1 as reading_month
    from behind
    where behind.first_month > 1

    union all

    select
        statistic.*,
        'restated_year' as role,
        standing.month as reading_month
    from statistic
    inner join standing
        on
            statistic.region_code = standing.region_code
            and statistic.flow = standing.flow
            and statistic.technology = standing.technology
            and statistic.year = standing.year
    where statistic.method_id = 'restated_total_shared_by_months'

)

select
    entered.region_code,
    entered.period_month,
    case entered.flow when 'consumption' then 'consumption' else 'series' end as component,
    entered.role,
    entered.technology,
    entered.method_id,
    cell.cell_id
from entered
inner join {{ ref('int_input_cell') }} as cell
    on
        cell.raw_table = 'electricity_bulletin'
        and entered.region_code = cell.region_code
        and entered.flow = cell.flow
        and entered.technology = cell.item
        and entered.year = cell.year
        and entered.reading_month = cell.month
