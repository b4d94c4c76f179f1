-- Cells behind the fuels of a province's thermal generation: its inventory of power and heat (or
-- every province's, where it has none), thermal and coal capacity, and the national fuel totals
-- that the split is fitted to. Years that could not be fitted rest on the last fitted year.
with month as (

    select * from {{ ref('int_lineage_month') }}

),

fitted_year as (

    select distinct year
    from {{ ref('int_fuel_share') }}

),

fitted as (

    select
        month.region_code,
        month.period_month,
        max(fitted_year.year) as year
    from month
    inner join fitted_year on month.year >= fitted_year.year
    group by month.region_code, month.period_month

),

cell as (

    select * from {{ ref('int_input_cell') }}

),

inventory as (

    select * from cell
    where
        raw_table = 'sector_fuel_co2'
        and item in (select fuel_group from {{ ref('fuel_group') }})
    qualify year = max(year) over (partition by region_code)

),

has_inventory as (

    select distinct region_code
    from inventory

),

entered as (

    select
        fitted.region_code,
        fitted.period_month,
        'fuel_inventory' as role,
        inventory.cell_id
    from fitted
    left join has_inventory on fitted.region_code = has_inventory.region_code
    inner join inventory
        on
            fitted.region_code = inventory.region_code
            or has_inventory.region_code is null

    union all

    select
        fitted.region_code,
        fitted.period_month,
        'thermal_capacity' as role,
        cell.cell_id
    from fitted
    inner join cell
        on
            cell.raw_table = 'capacity_utilisation'
            and cell.quantity = 'capacity_mw'
            and cell.item = 'thermal'
            and cell.detail = 'above_6mw'
            and cell.month = 12
            and fitted.year = cell.year
            and fitted.region_code = cell.region_code

    union all

    select
        fitted.region_code,
        fitted.period_month,
        'coal_capacity' as role,
        cell.cell_id
    from fitted
    inner join {{ ref('int_thermal_structure') }} as structure
        on fitted.region_code = structure.region_code and fitted.year = structure.year
    inner join cell
        on
            cell.raw_table = 'coal_unit_intensity'
            and cell.quantity = 'coal_capacity_mw'
            and structure.region_code = cell.region_code
            and structure.coal_unit_year = cell.year

    union all

    select
        fitted.region_code,
        fitted.period_month,
        'national_total' as role,
        cell.cell_id
    from fitted
    inner join cell
        on
            cell.raw_table = 'national_generation'
            and cell.flow = 'generation'
            and cell.item in ('coal', 'gas', 'oil', 'biomass')
            and cell.detail like 'total/%'
            and fitted.year = cell.year

)

select
    region_code,
    period_month,
    'fuel_split' as component,
    role,
    'thermal' as technology,
    'biproportional_fit' as method_id,
    cell_id
from entered
