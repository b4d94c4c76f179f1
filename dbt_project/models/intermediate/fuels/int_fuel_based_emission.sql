-- CO2 of power generation from the fuel itself, where a province gives it:
-- FC x NCV x CC x OF x 44/12 (t or 10^4 Nm3; GJ per unit; tC per TJ; fraction).
with fuel_use as (

    select * from {{ ref('stg_power_fuel_use') }}

)

select
    fuel_use.region_code,
    fuel_use.period_month,
    sum(
        {{ energy('fuel_use.amount * carbon.ncv_gj_per_unit * carbon.co2_kg_per_gj') }}
    ) as co2_kg,
    max(fuel_use.known_at) as known_at
from fuel_use
inner join {{ ref('int_fuel_carbon') }} as carbon on fuel_use.fuel = carbon.fuel
where carbon.ncv_gj_per_unit is not null
group by fuel_use.region_code, fuel_use.period_month
