-- No derived month, completed cell or fuel of thermal generation is ever negative.
{{ config(meta={'dagster': {'ref': {'name': 'int_generation_month'}}}) }}

select
    'int_monthly_statistic' as found_in,
    region_code,
    period_month,
    technology,
    energy_mwh
from {{ ref('int_monthly_statistic') }}
where energy_mwh < 0

union all

select
    'int_generation_cell' as found_in,
    region_code,
    period_month,
    technology,
    energy_mwh
from {{ ref('int_generation_cell') }}
where energy_mwh < 0

union all

select
    'int_generation_month' as found_in,
    region_code,
    period_month,
    technology,
    generation_mwh as energy_mwh
from {{ ref('int_generation_month') }}
where generation_mwh < 0
