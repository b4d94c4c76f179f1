-- A month that was reported by itself carries the difference of the two bulletins as they stood.
{{ config(meta={'dagster': {'ref': {'name': 'int_generation_cell'}}}) }}

with reading as (

    select
        region_code,
        flow,
        technology,
        period_month,
        energy_ytd_mwh - coalesce(
            lag(energy_ytd_mwh) over (
                partition by region_code, flow, technology, year order by month
            ), 0
        ) as step_mwh
    from {{ ref('int_ytd_reading') }}
    where not is_set_aside

)

select
    cell.region_code,
    cell.technology,
    cell.period_month,
    cell.energy_mwh,
    reading.step_mwh
from {{ ref('int_generation_cell') }} as cell
left join reading
    on
        cell.region_code = reading.region_code
        and cell.technology = reading.technology
        and cell.period_month = reading.period_month
        and reading.flow = 'generation'
where cell.method_id = 'reported' and cell.energy_mwh is distinct from reading.step_mwh
