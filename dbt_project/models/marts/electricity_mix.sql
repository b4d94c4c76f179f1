with area as (

    select * from {{ ref('int_area_period') }}

),

quality as (

    select * from {{ ref('int_method_quality') }}

),

shared as (

    select
        area.*,
        quality.quality_tier,
        sum(area.generation_mwh) over (
            partition by area.level, area.area_code, area.period_start, area.resolution
        ) as total_mwh
    from area
    inner join quality on area.method_id = quality.method_id

),

final as (

    select
        -- ids
        area_code as region_code,
        period_start,
        period_end,
        resolution,
        technology,

        -- quantities
        cast(generation_mwh as decimal(38, 6)) as generation_mwh,
        cast(
            round_even(cast(generation_mwh as double) / total_mwh, 8) as decimal(18, 8)
        ) as share,
        {% for gas in gases() %}
            cast({{ gas }}_kg as decimal(38, 6)) as {{ gas }}_kg,
        {% endfor %}
        cast(lca_co2e_kg as decimal(38, 6)) as lca_co2e_kg,

        -- quality
        method_id,
        quality_tier,
        cast(round_even(coalesce(
            sqrt(cast(generation_variance_mwh2 as double))
            / nullif(cast(generation_mwh as double), 0), 0
        ), 6) as decimal(9, 6)) as relative_sd,
        cast(round_even(coalesce(
            1 - cast(reported_mwh as double) / nullif(cast(generation_mwh as double), 0), 0
        ), 8) as decimal(9, 8)) as estimated_share,
        maturity
    from shared
    where total_mwh > 0 and level <> 'node'

)

select *
from final
order by region_code, resolution, period_start, technology
