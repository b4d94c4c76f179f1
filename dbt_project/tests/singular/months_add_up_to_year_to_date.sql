-- Months derived from a year-to-date series add up to its last standing reading, to the last digit.
{{ config(meta={'dagster': {'ref': {'name': 'int_known_month'}}}) }}

with last_reading as (

    select
        region_code,
        flow,
        technology,
        year,
        arg_max(energy_ytd_mwh, month) as energy_mwh
    from {{ ref('int_ytd_reading') }}
    where not is_set_aside
    group by region_code, flow, technology, year

),

months as (

    select
        region_code,
        flow,
        technology,
        year,
        sum(energy_mwh) as energy_mwh
    from {{ ref('int_known_month') }}
    group by region_code, flow, technology, year

)

select
    last_reading.*,
    months.energy_mwh as sum_of_months_mwh
from last_reading
left join months
    on
        last_reading.region_code = months.region_code
        and last_reading.flow = months.flow
        and last_reading.technology = months.technology
        and last_reading.year = months.year
where months.energy_mwh is distinct from last_reading.energy_mwh
