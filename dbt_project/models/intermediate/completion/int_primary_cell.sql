-- Generation cells without what pumped hydro gave back: it was generated before. It is taken off
-- the hydro cells of its province and month in proportion, so that their quality stays as it was.
with cell as (

    select * from {{ ref('int_generation_cell') }}

),

pumped as (

    select
        region_code,
        period_month,
        sum(in_hydro_mwh) as pumped_mwh
    from {{ ref('int_storage_month') }}
    where in_hydro_mwh > 0
    group by region_code, period_month

),

given_back as (

    select
        cell.region_code,
        cell.period_month,
        cell.component,
        cell.method_id,
        cast({{ exact_share(
            'pumped.pumped_mwh',
            'cell.energy_mwh',
            'cell.region_code, cell.period_month',
            'cell.component, cell.method_id'
        ) }} as decimal(38, 6)) as pumped_mwh
    from cell
    inner join pumped
        on
            cell.region_code = pumped.region_code
            and cell.period_month = pumped.period_month
    where cell.technology = 'hydro'

)

select
    cell.region_code,
    cell.technology,
    cell.year,
    cell.month,
    cell.period_month,
    cell.component,
    cell.method_id,
    cast(cell.energy_mwh - coalesce(given_back.pumped_mwh, 0) as decimal(38, 6)) as energy_mwh,
    cell.source_id,
    cell.known_at
from cell
left join given_back
    on
        cell.technology = 'hydro'
        and cell.region_code = given_back.region_code
        and cell.period_month = given_back.period_month
        and cell.component = given_back.component
        and cell.method_id = given_back.method_id
