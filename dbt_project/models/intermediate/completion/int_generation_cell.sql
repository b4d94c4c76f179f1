-- Generation by province, month and statistical technology, in the parts that it is made of:
-- what was reported stands unaltered beside what was completed.
with series as (

    select * from {{ ref('int_series_generation') }}

),

uncovered as (

    select * from {{ ref('int_uncovered_month') }}

)

select
    region_code,
    technology,
    year,
    month,
    period_month,
    'series' as component,
    method_id,
    energy_mwh,
    source_id,
    known_at
from series

union all

select
    region_code,
    technology,
    year,
    month,
    period_month,
    'uncovered' as component,
    method_id,
    energy_mwh,
    source_id,
    known_at
from uncovered
