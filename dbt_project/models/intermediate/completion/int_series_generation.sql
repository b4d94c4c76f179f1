-- The generation series of the statistics, made whole in time: months as reported, and the
-- wind months that the series lacks.
with reported as (

    select * from {{ ref('int_monthly_statistic') }}
    where flow = 'generation'

)

select
    region_code,
    technology,
    year,
    month,
    period_month,
    energy_mwh,
    method_id,
    source_id,
    known_at
from reported

union all

select
    region_code,
    technology,
    year,
    month,
    period_month,
    energy_mwh,
    method_id,
    source_id,
    known_at
from {{ ref('int_wind_december') }}

union all

select
    region_code,
    technology,
    year,
    month,
    period_month,
    energy_mwh,
    method_id,
    source_id,
    known_at
from {{ ref('int_wind_gap') }}

union all

select
    region_code,
    technology,
    year,
    month,
    period_month,
    energy_mwh,
    method_id,
    source_id,
    known_at
from {{ ref('int_wind_carried') }}
