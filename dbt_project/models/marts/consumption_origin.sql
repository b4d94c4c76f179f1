with origin as (

    select
        *,
        sum(energy_mwh) over (
            partition by level, area_code, period_start, resolution
        ) as consumed_mwh
    from {{ ref('int_area_origin') }}

),

final as (

    select
        -- ids
        area_code as region_code,
        period_start,
        period_end,
        resolution,
        origin_region_code,

        -- quantities
        cast(energy_mwh as decimal(38, 6)) as energy_mwh,
        cast(
            round_even(cast(energy_mwh as double) / consumed_mwh, 8) as decimal(18, 8)
        ) as share,
        cast(storage_loss_mwh as decimal(38, 6)) as storage_loss_mwh,
        {% for gas in gases() %}
            cast({{ gas }}_kg as decimal(38, 6)) as {{ gas }}_kg,
        {% endfor %}
        cast(lca_co2e_kg as decimal(38, 6)) as lca_co2e_kg,

        -- quality
        maturity
    from origin
    where energy_mwh > 0

)

select *
from final
order by region_code, resolution, period_start, origin_region_code
