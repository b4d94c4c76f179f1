-- Life-cycle factor of each technology by year, at the busbar: the official national value of the
-- nearest published year (the earlier of two equally near), a declared proxy for every province.
-- Oil has no official value: coal's, times the carbon of fuel oil against coal at the same heat
-- rate.
with year_list as (

    select distinct year from {{ ref('int_generation_month') }}

),

official as (

    select
        case technology when 'solar_pv' then 'solar' else technology end as technology,
        year,
        value_kg_per_kwh,
        source_id,
        known_at
    from {{ ref('stg_official_lca_factor') }}
    where
        technology in (
            'coal', 'gas', 'biomass', 'hydro', 'nuclear', 'wind', 'solar_pv'
        )

),

oil_ratio as (

    select oil.co2_kg_per_gj / coal.co2_kg_per_gj as ratio
    from {{ ref('int_fuel_carbon') }} as oil
    inner join {{ ref('int_fuel_carbon') }} as coal on coal.fuel = 'bituminous_coal'
    where oil.fuel = 'fuel_oil'

),

nearest as (

    select
        official.technology,
        year_list.year,
        official.year as official_year,
        official.value_kg_per_kwh,
        official.source_id,
        official.known_at
    from year_list
    cross join official
    qualify row_number() over (
        partition by official.technology, year_list.year
        order by abs(year_list.year - official.year), official.year
    ) = 1

)

select
    technology,
    year,
    official_year,
    cast(value_kg_per_kwh as decimal(18, 12)) as co2e_kg_per_kwh,
    'official_life_cycle_proxy' as method_id,
    source_id,
    known_at
from nearest

union all

select
    'oil' as technology,
    nearest.year,
    nearest.official_year,
    cast(nearest.value_kg_per_kwh * oil_ratio.ratio as decimal(18, 12)) as co2e_kg_per_kwh,
    'life_cycle_carbon_ratio' as method_id,
    nearest.source_id,
    nearest.known_at
from nearest
cross join oil_ratio
where nearest.technology = 'coal'
