-- Life-cycle factors, kgCO2e per kWh: by technology, of the production, consumption and residual
-- mix, at busbar and user. User = busbar / (1 - loss) + infrastructure; without losses = busbar +
-- infrastructure (announcements of MEE, NBS and NEA). The CO2e is the official one and cannot be
-- moved to another GWP set.
with production as (

    select * from {{ ref('int_generation_total') }}
    where level <> 'node'

),

technology as (

    select
        area.level,
        area.area_code,
        area.year,
        area.period_start,
        area.period_end,
        area.resolution,
        area.maturity,
        'life_cycle_technology' as factor_kind,
        'none' as import_factor_basis,
        area.technology,
        cast(life_cycle.co2e_kg_per_kwh as double) as value
    from {{ ref('int_area_period') }} as area
    inner join {{ ref('int_life_cycle_factor') }} as life_cycle
        on area.technology = life_cycle.technology and area.year = life_cycle.year
    where area.generation_mwh > 0 and area.level <> 'node'

),

mix as (

    {% for kind, basis, relation, energy_column in [
        ('life_cycle_production', 'none', 'production', 'generation_mwh'),
        ('life_cycle_consumption', 'network', ref('int_area_consumption'), 'delivered_mwh'),
        ('life_cycle_residual', 'network', ref('int_area_residual'), 'delivered_mwh'),
    ] %}
        select
            level,
            area_code,
            year,
            period_start,
            period_end,
            resolution,
            maturity,
            '{{ kind }}' as factor_kind,
            '{{ basis }}' as import_factor_basis,
            'all' as technology,
            cast(lca_co2e_kg as double) / cast({{ energy_column }} as double) / 1000 as value
        from {{ relation }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

busbar as (

    select * from technology
    union all
    select * from mix

),

delivery as (

    select * from {{ ref('int_delivery_loss') }}

)

{% for boundary, losses, expression in [
    ('cradle_to_busbar', 'false', 'busbar.value'),
    (
        'cradle_to_user', 'false',
        'busbar.value + cast(delivery.infrastructure_kg_per_kwh as double)'
    ),
    (
        'cradle_to_user', 'true',
        'busbar.value / (1 - cast(delivery.loss_rate as double))'
        ~ ' + cast(delivery.infrastructure_kg_per_kwh as double)'
    ),
] %}
    select
        busbar.* exclude (value),
        '{{ boundary }}' as system_boundary,
        {{ losses }} as includes_td_losses,
        {{ expression }} as value
    from busbar
    {% if boundary != 'cradle_to_busbar' %}
        inner join delivery on busbar.year = delivery.year
    {% endif %}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
