-- Province-months whose generation was carried from the same month of an earlier year.
select
    region_code,
    technology,
    period_month,
    make_date(year - 1, month, 1) as from_period_month,
    method_id
from {{ ref('int_wind_carried') }}

union all

select
    region_code,
    technology,
    period_month,
    make_date(carried_from_year, month, 1) as from_period_month,
    method_id
from {{ ref('int_uncovered_month') }}
where carried_from_year is not null
