-- Generation and its emissions of every area (province, grid region, nation, sub-grid, node) by
-- period and technology.
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
    {% for quantity in carried_quantities() %}
        sum({{ energy('province.' ~ quantity ~ ' * area.share') }}) as {{ quantity }},
    {% endfor %}
    sum({{ energy(
        'pow(cast(province.generation_sd_mwh as double) * cast(area.share as double), 2)'
    ) }}) as generation_variance_mwh2,
    arg_max(
        province.method_id, (province.generation_mwh, province.method_id)
    ) as method_id,
    max(province.known_at) as known_at
from province
inner join area on province.region_code = area.region_code
group by
    area.level,
    area.area_code,
    province.technology,
    province.year,
    province.period_start,
    province.period_end,
    province.resolution,
    province.maturity
