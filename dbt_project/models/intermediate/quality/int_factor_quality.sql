-- How good a factor is: which share of the energy behind it is reported, completed and modelled,
-- and the four parts of its data-quality rating (PEF). A rating is the mean of that of the energy
-- and that of the emissions, each weighted by what it carries. Energy from elsewhere comes over
-- estimated flows: it counts as modelled, and its rating is no better than that of the flows.

with flow as (

    select * from {{ ref('int_method_quality') }}
    where method_id = 'least_squares_balance'

),

generation as (

    select * from {{ ref('int_generation_total') }}
    where level <> 'node'

),

fossil as (

    select
        level,
        area_code,
        year,
        period_start,
        resolution,
        {% for quantity in carried_quantities() %}
            sum({{ quantity }}) as {{ quantity }},
        {% endfor %}
        max(known_at) as known_at
    from {{ ref('int_area_period') }}
    where technology in ('coal', 'gas', 'oil') and level <> 'node'
    group by level, area_code, year, period_start, resolution
    having sum(generation_mwh) > 0

),

technology as (

    select * from {{ ref('int_area_period') }}
    where generation_mwh > 0 and level <> 'node'

),

import_share as (

    select
        level,
        area_code,
        period_start,
        resolution,
        cast(import_mwh as double) / cast(supply_mwh as double) as import_share,
        known_at
    from {{ ref('int_supply_amount') }}
    where import_factor_basis = 'generation'

),

consumption as (

    select * from {{ ref('int_area_consumption') }}

),

-- Energy, its evidence and its scores, with the share that comes from elsewhere.
basis as (

    {% for kind, bases, relation, energy_column, elsewhere, emission in [
        ('generation_average', ['none'], 'generation', 'generation_mwh', '0', 'co2'),
        ('fossil_power', ['none'], 'fossil', 'generation_mwh', '0', 'co2'),
        ('life_cycle_production', ['none'], 'generation', 'generation_mwh', '0', 'lca'),
        ('life_cycle_technology', ['none'], 'technology', 'generation_mwh', '0', 'lca'),
        (
            'supply_average', ['generation', 'network'], 'generation', 'generation_mwh',
            'coalesce(import_share.import_share, 0)', 'co2'
        ),
        (
            'consumption_mix', ['network'], 'consumption', 'consumed_mwh',
            '1 - cast(own_mwh as double) / cast(consumed_mwh as double)', 'co2'
        ),
        (
            'life_cycle_consumption', ['network'], 'consumption', 'consumed_mwh',
            '1 - cast(own_mwh as double) / cast(consumed_mwh as double)', 'lca'
        ),
        (
            'residual_mix', ['network'], 'consumption', 'consumed_mwh',
            '1 - cast(own_mwh as double) / cast(consumed_mwh as double)', 'co2'
        ),
        (
            'life_cycle_residual', ['network'], 'consumption', 'consumed_mwh',
            '1 - cast(own_mwh as double) / cast(consumed_mwh as double)', 'lca'
        ),
    ] %}
        {% set outer_loop = loop %}
        {% for import_factor_basis in bases %}
            select
                {{ relation }}.level,
                {{ relation }}.area_code,
                {{ relation }}.period_start,
                {{ relation }}.resolution,
                '{{ kind }}' as factor_kind,
                '{{ import_factor_basis }}' as import_factor_basis,
                {{ 'technology.technology' if relation == 'technology' else "'all'" }}
                    as technology,
                cast({{ energy_column }} as double) as energy_mwh,
                least(greatest({{ elsewhere }}, 0), 1) as elsewhere,
                cast(reported_mwh as double) as reported_mwh,
                cast(completed_mwh as double) as completed_mwh,
                cast(
                    {{ 'co2_kg' if emission == 'co2' else 'lca_co2e_kg' }} as double
                ) as emission_kg,
                {% for part in quality_parts() %}
                    cast({{ part }}_score_mwh as double) as {{ part }}_score_mwh,
                    cast({{ part }}_score_{{ emission }}_kg as double) as {{ part }}_score_kg,
                {% endfor %}
                {{ relation }}.known_at
            from {{ relation }}
            {% if kind == 'supply_average' %}
                left join import_share
                    on
                        generation.level = import_share.level
                        and generation.area_code = import_share.area_code
                        and generation.period_start = import_share.period_start
                        and generation.resolution = import_share.resolution
                where generation.level <> 'sub_grid'
            {% endif %}
            {% if not (loop.last and outer_loop.last) %}union all{% endif %}
        {% endfor %}
    {% endfor %}

),

rated as (

    select
        level,
        area_code,
        period_start,
        resolution,
        factor_kind,
        import_factor_basis,
        technology,
        energy_mwh,
        elsewhere,
        reported_mwh,
        completed_mwh,
        {% for part in quality_parts() %}
            case
                when emission_kg > 0
                    then (
                        {{ part }}_score_mwh / energy_mwh + {{ part }}_score_kg / emission_kg
                    ) / 2
                else {{ part }}_score_mwh / energy_mwh
            end as dqr_{{ part }},
        {% endfor %}
        known_at
    from basis

)

select
    rated.level,
    rated.area_code,
    rated.period_start,
    rated.resolution,
    rated.factor_kind,
    rated.import_factor_basis,
    rated.technology,
    (1 - rated.elsewhere) * rated.reported_mwh / rated.energy_mwh as reported_share,
    (1 - rated.elsewhere) * rated.completed_mwh / rated.energy_mwh as completed_share,
    {% for part in quality_parts() %}
        (1 - rated.elsewhere) * rated.dqr_{{ part }}
        + rated.elsewhere * greatest(rated.dqr_{{ part }}, cast(flow.{{ part }} as double))
            as dqr_{{ part }},
    {% endfor %}
    rated.known_at
from rated
cross join flow
