-- What sampling needs of each technology by year: CH4 and N2O that go with its CO2, with the bounds
-- of the defaults as their 95 % interval, and the national life-cycle factor. That of a province
-- lies around the national one by as much as the pedigree of the proxy exceeds that of the official
-- value.
with gas as (

    select
        technology,
        max(case when gas = 'ch4' then kg_per_co2_kg end) as ch4_per_co2,
        max(case when gas = 'n2o' then kg_per_co2_kg end) as n2o_per_co2,
        max(case when gas = 'ch4' then ln(upper_ratio / lower_ratio) / (2 * 1.96) end) as ch4_sd,
        max(case when gas = 'n2o' then ln(upper_ratio / lower_ratio) / (2 * 1.96) end) as n2o_sd
    from {{ ref('int_combustion_gas') }}
    group by technology

),

quality as (

    select
        method_id,
        cast(relative_sd as double) as relative_sd
    from {{ ref('int_method_quality') }}

)

select
    life_cycle.year,
    life_cycle.technology,
    gas.ch4_per_co2,
    gas.n2o_per_co2,
    gas.ch4_sd,
    gas.n2o_sd,
    cast(life_cycle.co2e_kg_per_kwh as double) * 1000 as life_cycle_kg_per_mwh,
    official.relative_sd as national_sd,
    sqrt(
        greatest(pow(proxy.relative_sd, 2) - pow(official.relative_sd, 2), 0)
    ) as provincial_sd
from {{ ref('int_life_cycle_factor') }} as life_cycle
inner join quality as official on official.method_id = 'official_life_cycle'
inner join quality as proxy on life_cycle.method_id = proxy.method_id
left join gas on life_cycle.technology = gas.technology
order by life_cycle.year, life_cycle.technology
