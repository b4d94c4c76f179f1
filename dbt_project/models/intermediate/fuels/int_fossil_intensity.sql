-- CO2 per kWh of fossil generation before the national anchor, by province, year and fuel.
--   coal  intensity of the province's units; the log spread between provinces is kept in part
--         (unit heat rates are defaults by class, weighted by capacity: load order and the heat
--         credit of cogeneration both narrow the true spread); times the carbon ratio of the fuels
--   gas   the official ratio of gas to coal power (life-cycle factors), times the nation's coal
--   oil   the carbon of fuel oil against coal at the same heat rate, times the nation's coal
with fossil as (

    select
        region_code,
        year,
        technology,
        sum(generation_mwh) as generation_mwh
    from {{ ref('int_generation_month') }}
    where technology in ('coal', 'gas', 'oil')
    group by region_code, year, technology

),

-- The year of the unit data nearest to the year of the generation.
unit_intensity as (

    select
        fossil.region_code,
        fossil.year,
        fossil.generation_mwh,
        unit.year as unit_year,
        unit.co2_kg_per_kwh
    from fossil
    left join {{ ref('stg_coal_unit_intensity') }} as unit
        on fossil.region_code = unit.region_code
    where fossil.technology = 'coal'
    qualify row_number() over (
        partition by fossil.region_code, fossil.year
        order by abs(fossil.year - unit.year) nulls last, unit.year
    ) = 1

),

nation as (

    select
        year,
        cast(
            sum({{ energy('generation_mwh * co2_kg_per_kwh') }}) as double
        ) / sum(generation_mwh) as co2_kg_per_kwh
    from unit_intensity
    where co2_kg_per_kwh is not null
    group by year

),

coal as (

    select
        unit_intensity.region_code,
        unit_intensity.year,
        unit_intensity.generation_mwh,
        unit_intensity.unit_year,
        nation.co2_kg_per_kwh
        * pow(
            coalesce(unit_intensity.co2_kg_per_kwh, nation.co2_kg_per_kwh)
            / nation.co2_kg_per_kwh,
            {{ var('intensity_log_spread_kept') }}
        )
        * structure.carbon_ratio as co2_kg_per_kwh
    from unit_intensity
    inner join nation on unit_intensity.year = nation.year
    inner join {{ ref('int_fuel_structure') }} as structure
        on unit_intensity.region_code = structure.region_code

),

national_coal as (

    select
        year,
        cast(
            sum({{ energy('generation_mwh * co2_kg_per_kwh') }}) as double
        ) / sum(generation_mwh) as co2_kg_per_kwh
    from coal
    group by year

),

gas_ratio as (

    select
        national_coal.year,
        gas.year as official_year,
        cast(gas.value_kg_per_kwh as double) / coal.value_kg_per_kwh as ratio
    from national_coal
    cross join {{ ref('stg_official_lca_factor') }} as gas
    inner join {{ ref('stg_official_lca_factor') }} as coal
        on gas.year = coal.year and coal.technology = 'coal'
    where gas.technology = 'gas'
    qualify row_number() over (
        partition by national_coal.year order by abs(national_coal.year - gas.year), gas.year
    ) = 1

),

oil_ratio as (

    select oil.co2_kg_per_gj / coal.co2_kg_per_gj as ratio
    from {{ ref('int_fuel_carbon') }} as oil
    inner join {{ ref('int_fuel_carbon') }} as coal on coal.fuel = 'bituminous_coal'
    where oil.fuel = 'fuel_oil'

)

select
    fossil.region_code,
    fossil.year,
    fossil.technology,
    coal.unit_year,
    gas_ratio.official_year as gas_ratio_year,
    cast(case fossil.technology
        when 'coal' then coal.co2_kg_per_kwh
        when 'gas' then national_coal.co2_kg_per_kwh * gas_ratio.ratio
        else national_coal.co2_kg_per_kwh * oil_ratio.ratio
    end as decimal(18, 12)) as co2_kg_per_kwh
from fossil
inner join coal on fossil.region_code = coal.region_code and fossil.year = coal.year
inner join national_coal on fossil.year = national_coal.year
inner join gas_ratio on fossil.year = gas_ratio.year
cross join oil_ratio
