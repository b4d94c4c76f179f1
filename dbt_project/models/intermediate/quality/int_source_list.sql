-- Which sources each factor rests on, by kind and gas.
{% set tables = {
    'generation': [
        'stg_electricity_bulletin', 'stg_capacity_utilisation', 'stg_coal_unit_intensity',
        'stg_sector_fuel_co2', 'stg_power_fuel_use', 'stg_official_lca_factor',
    ],
    'interchange': [
        'stg_interregional_transfer', 'stg_grid_region', 'stg_transmission_corridor',
    ],
    'gas': ['stg_combustion_gas'],
    'gwp': ['stg_gwp'],
    'certificate': ['stg_certificate'],
} %}

with layer as (

    -- Of these tables only a part enters.
    select
        'generation' as layer,
        source_id
    from {{ ref('int_national_total') }}
    union
    select
        'generation' as layer,
        source_id
    from {{ ref('stg_fuel_default') }}
    where guideline = '{{ var("fuel_guideline") }}'
    union
    select
        'generation' as layer,
        source_id
    from {{ ref('stg_official_co2_factor') }}
    where factor_kind = 'fossil_power'

    {% for name, relations in tables.items() %}
        {% for relation in relations %}
            union
            select
                '{{ name }}' as layer,
                source_id
            from {{ ref(relation) }}
        {% endfor %}
    {% endfor %}

),

kind as (

    {% for factor_kind in [
        'generation_average', 'fossil_power', 'life_cycle_technology', 'life_cycle_production',
        'supply_average', 'consumption_mix', 'life_cycle_consumption',
        'residual_mix', 'life_cycle_residual',
    ] %}
        select
            '{{ factor_kind }}' as factor_kind,
            {{ factor_kind in [
                'supply_average', 'consumption_mix', 'life_cycle_consumption',
                'residual_mix', 'life_cycle_residual',
            ] }} as has_interchange,
            {{ factor_kind in ['residual_mix', 'life_cycle_residual'] }} as has_certificates
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

scope as (

    {% for gas_scope in ['CO2', 'CH4', 'N2O', 'CO2e'] %}
        select '{{ gas_scope }}' as gas_scope
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    kind.factor_kind,
    scope.gas_scope,
    string_agg(distinct layer.source_id, ',' order by layer.source_id) as source_ids
from kind
cross join scope
inner join layer
    on
        layer.layer = 'generation'
        or (layer.layer = 'interchange' and kind.has_interchange)
        or (layer.layer = 'certificate' and kind.has_certificates)
        or (
            layer.layer = 'gas'
            and scope.gas_scope <> 'CO2' and kind.factor_kind not like 'life_cycle%'
        )
        or (
            layer.layer = 'gwp'
            and scope.gas_scope = 'CO2e' and kind.factor_kind not like 'life_cycle%'
        )
group by kind.factor_kind, scope.gas_scope
