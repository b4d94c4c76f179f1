-- CO2 per unit of heat of the fuels that power plants burn: CC x OF x 44/12, in kg/GJ, by the
-- guideline that is chosen.
with default_value as (

    select * from {{ ref('stg_fuel_default') }}
    where guideline = '{{ var("fuel_guideline") }}'

),

parameter as (

    select
        fuel,
        max(case when quantity = 'ncv' then value end) as ncv_gj_per_unit,
        max(case when quantity = 'carbon_content' then value end) as carbon_tc_per_tj,
        max(case when quantity = 'oxidation_rate' then value end) / 100 as oxidation_rate
    from default_value
    group by fuel

)

select
    fuel,
    ncv_gj_per_unit,
    carbon_tc_per_tj,
    oxidation_rate,
    carbon_tc_per_tj * oxidation_rate * 44 / 12 as co2_kg_per_gj
from parameter
where carbon_tc_per_tj is not null and oxidation_rate is not null
