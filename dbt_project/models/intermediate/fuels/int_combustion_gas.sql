-- CH4 and N2O that go with each kg of combustion CO2, by technology: default factors per unit of
-- heat (IPCC 2006, vol. 2, table 2.2) over the CO2 of the technology's main fuel per unit of heat.
with main_fuel as (

    select
        'coal' as technology,
        'bituminous_coal' as fuel
    union all
    select
        'gas' as technology,
        'natural_gas' as fuel
    union all
    select
        'oil' as technology,
        'fuel_oil' as fuel

)

select
    main_fuel.technology,
    main_fuel.fuel,
    lower(default_value.gas) as gas,
    default_value.kg_per_tj / 1000 / carbon.co2_kg_per_gj as kg_per_co2_kg,
    default_value.lower / default_value.kg_per_tj as lower_ratio,
    default_value.upper / default_value.kg_per_tj as upper_ratio,
    default_value.source_id,
    default_value.known_at
from main_fuel
inner join {{ ref('stg_combustion_gas') }} as default_value
    on main_fuel.fuel = default_value.fuel
inner join {{ ref('int_fuel_carbon') }} as carbon
    on main_fuel.fuel = carbon.fuel
