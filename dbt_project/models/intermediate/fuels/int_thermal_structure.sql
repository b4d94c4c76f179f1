-- Thermal generation of a complete year by what can be known of its fuels before the national
-- totals are met: gas and oil as the inventory has them; biomass, waste and small plants as the
-- thermal capacity that is neither a coal unit, nor gas, oil or by-product gas; coal the rest.
with series as (

    select
        region_code,
        year,
        sum(energy_mwh) as thermal_mwh
    from {{ ref('int_series_generation') }}
    where technology = 'thermal'
    group by region_code, year

),

thermal_capacity as (

    select
        region_code,
        year,
        capacity_mw
    from {{ ref('stg_capacity_utilisation') }}
    where
        technology = 'thermal' and scope = 'above_6mw' and month = 12
        and capacity_mw is not null

),

-- Coal units are known to some year; later years take the last one.
coal_capacity as (

    select
        thermal_capacity.region_code,
        thermal_capacity.year,
        coal.year as coal_unit_year,
        least(coal.coal_capacity_mw / thermal_capacity.capacity_mw, 1) as coal_unit_share
    from thermal_capacity
    left join {{ ref('stg_coal_unit_intensity') }} as coal
        on
            thermal_capacity.region_code = coal.region_code
            and thermal_capacity.year >= coal.year
    qualify row_number() over (
        partition by thermal_capacity.region_code, thermal_capacity.year
        order by coal.year desc
    ) = 1

),

known as (

    select
        series.region_code,
        series.year,
        series.thermal_mwh,
        structure.gas_share,
        structure.oil_share,
        structure.byproduct_gas_share,
        coal_capacity.coal_unit_year,
        -- Without a coal tracker for the province, coal is taken as in its fuel inventory.
        coalesce(coal_capacity.coal_unit_share, structure.coal_share) as coal_unit_share
    from series
    inner join {{ ref('int_year_coverage') }} as coverage
        on series.year = coverage.year and coverage.is_complete
    inner join {{ ref('int_fuel_structure') }} as structure
        on series.region_code = structure.region_code
    left join coal_capacity
        on
            series.region_code = coal_capacity.region_code
            and series.year = coal_capacity.year

),

other as (

    select
        *,
        -- One per cent is the floor: every province burns some waste.
        greatest(
            1 - coal_unit_share - byproduct_gas_share - gas_share - oil_share, 0.01
        ) as other_share
    from known

)

select
    region_code,
    year,
    thermal_mwh,
    coal_unit_year,
    gas_share,
    oil_share,
    other_share,
    greatest(1 - gas_share - oil_share - other_share, 0.01) as coal_share
from other
