-- CH4 and N2O that go with each kg of combustion CO2, by technology: default factors per unit of
-- heat (IPCC 2006, vol. 2, table 2.2) over the CO2 of the technology's main fuel per unit of heat.
with main_fuel as (

    select
        'coal' as technology,
        'coal' as default_fuel,
        'bituminous_coal' as carbon_fuel
    union all
    select
        'gas' as technology,
        'natural_gas' as default_fuel,
        'natural_gas' as carbon_fuel
    union all
    select
        'oil' as technology,
        'residual_fuel_oil' as default_fuel,
        'fuel_oil' as carbon_fuel

)

select
    main_fuel.technology,
    lower(default_value.gas) as gas,
    default_value.kg_per_tj / 1000 / carbon.co2_kg_per_gj as kg_per_co2_kg,
    default_value.source_id,
    default_value.known_at
from main_fuel
inner join {{ ref('stg_combustion_gas') }} as default_value
    on main_fuel.default_fuel = default_value.fuel
inner join {{ ref('int_fuel_carbon') }} as carbon
    on main_fuel.carbon_fuel = carbon.fuel
