-- The matrix that biproportional fitting starts from, with its margins: a row a province (its
-- thermal generation, completed), a column a fuel (the national total).
with structure as (

    select * from {{ ref('int_thermal_structure') }}

),

seed as (

    select
        region_code,
        year,
        'coal' as technology,
        thermal_mwh * coal_share as seed_mwh
    from structure
    union all
    select
        region_code,
        year,
        'gas' as technology,
        thermal_mwh * gas_share as seed_mwh
    from structure
    union all
    select
        region_code,
        year,
        'oil' as technology,
        thermal_mwh * oil_share as seed_mwh
    from structure
    union all
    select
        region_code,
        year,
        'biomass' as technology,
        thermal_mwh * other_share as seed_mwh
    from structure

),

province as (

    select
        region_code,
        year,
        sum(energy_mwh) as thermal_mwh
    from {{ ref('int_generation_cell') }}
    where technology = 'thermal'
    group by region_code, year

)

select
    seed.region_code,
    seed.year,
    seed.technology,
    cast(seed.seed_mwh as double) as seed_mwh,
    cast(province.thermal_mwh as double) as province_mwh,
    cast(national.energy_mwh as double) as national_mwh
from seed
inner join province on seed.region_code = province.region_code and seed.year = province.year
inner join {{ ref('int_national_total') }} as national
    on seed.year = national.year and seed.technology = national.technology
order by seed.year, seed.region_code, seed.technology
