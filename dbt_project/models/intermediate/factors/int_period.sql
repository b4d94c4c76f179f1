-- The periods of the release: each month up to the one asked for, each year of twelve such months.
-- A period with a month of the nowcast in it is a nowcast.
with month as (

    select distinct
        year,
        period_month
    from {{ ref('int_balance_month') }}
    where period_month <= cast('{{ var("release_month") }}-01' as date)

),

nowcast as (

    select distinct period_month from {{ ref('int_nowcast_month') }}

),

whole_year as (

    select year
    from month
    group by year
    having count(*) = 12

),

period as (

    select
        year,
        period_month as period_start,
        last_day(period_month) as period_end,
        'month' as resolution
    from month

    union all

    select
        year,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        'year' as resolution
    from whole_year

)

select
    period.*,
    case
        when exists (
            select 1 from nowcast
            where nowcast.period_month between period.period_start and period.period_end
        ) then 'nowcast'
        when coverage.is_final then 'final'
        else 'provisional'
    end as maturity
from period
inner join {{ ref('int_year_coverage') }} as coverage on period.year = coverage.year
