-- Cells behind the generation that the statistics leave out: the national totals whose gap is
-- shared, and the capacity and hours that it is shared by. What a province has of thermal structure
-- stands under its fuels.
with uncovered as (

    select
        cell.region_code,
        cell.technology,
        cell.year,
        cell.period_month,
        cell.method_id
    from {{ ref('int_generation_cell') }} as cell
    where cell.method_id = 'uncovered_share_of_national_gap'

),

national as (

    select * from {{ ref('int_input_cell') }}
    where
        raw_table = 'national_generation'
        and flow = 'generation'
        and detail like 'total/%'

),

capacity as (

    select * from {{ ref('int_input_cell') }}
    where raw_table = 'capacity_utilisation'

),

solar_hours as (

    select * from capacity
    where item = 'solar' and quantity = 'utilisation_hours_ytd'
    qualify month = max(month) over (partition by region_code, year)

),

entered as (

    select
        uncovered.*,
        'national_total' as role,
        national.cell_id
    from uncovered
    inner join national
        on
            uncovered.year = national.year
            and (
                uncovered.technology = national.item
                or (
                    uncovered.technology = 'thermal'
                    and national.item in ('coal', 'gas', 'oil', 'biomass')
                )
            )

    union all

    select
        uncovered.*,
        'weight_capacity' as role,
        capacity.cell_id
    from uncovered
    inner join capacity
        on
            uncovered.region_code = capacity.region_code
            and uncovered.technology = capacity.item
            and capacity.quantity = 'capacity_mw'
            and capacity.month = 12
            and (
                (
                    uncovered.technology = 'solar'
                    and capacity.detail = 'all'
                    and (uncovered.year = capacity.year or uncovered.year = capacity.year + 1)
                )
                or (
                    uncovered.technology = 'hydro'
                    and capacity.detail = 'above_6mw'
                    and uncovered.year = capacity.year
                )
            )

    union all

    select
        uncovered.*,
        'weight_hours' as role,
        solar_hours.cell_id
    from uncovered
    inner join solar_hours
        on
            uncovered.region_code = solar_hours.region_code
            and uncovered.technology = solar_hours.item
            and uncovered.year = solar_hours.year

)

select
    region_code,
    period_month,
    'uncovered' as component,
    role,
    technology,
    method_id,
    cell_id
from entered
