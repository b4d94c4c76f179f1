-- Generation and CO2 of every area (province, grid region, nation) by period and technology.
with province as (

    select * from {{ ref('int_province_period') }}

),

area as (

    select * from {{ ref('int_area') }}

)

select
    area.level,
    area.area_code,
    province.technology,
    province.year,
    province.period_start,
    province.period_end,
    province.resolution,
    province.maturity,
    sum({{ energy('province.generation_mwh * area.share') }}) as generation_mwh,
    sum({{ energy('province.reported_mwh * area.share') }}) as reported_mwh,
    sum({{ energy('province.dqr_mwh * area.share') }}) as dqr_mwh,
    sum({{ energy(
        'pow(cast(province.generation_sd_mwh as double) * cast(area.share as double), 2)'
    ) }}) as generation_variance_mwh2,
    arg_max(
        province.method_id, (province.generation_mwh, province.method_id)
    ) as method_id,
    sum({{ energy('province.co2_kg * area.share') }}) as co2_kg,
    sum({{ energy(
        'pow(cast(province.intensity_sd_kg as double) / 1e3 * cast(area.share as double), 2)'
    ) }}) as intensity_variance_t2,
    sum({{ energy('province.dqr_co2_kg * area.share') }}) as dqr_co2_kg,
    max(province.known_at) as known_at
from province
inner join area on province.region_code = area.region_code
group by all
