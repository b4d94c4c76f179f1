-- Which sources each layer of the derivation rests on.
{% set generation = [
    'stg_electricity_bulletin', 'stg_capacity_utilisation', 'stg_coal_unit_intensity',
    'stg_sector_fuel_co2', 'stg_power_fuel_use', 'stg_official_lca_factor',
] %}
{% set interchange = [
    'stg_interregional_transfer', 'stg_grid_region', 'stg_transmission_corridor',
] %}

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

    {% for relation in generation + interchange %}
        union
        select
            '{{ "generation" if relation in generation else "interchange" }}' as layer,
            source_id
        from {{ ref(relation) }}
    {% endfor %}

)

select
    string_agg(source_id, ',' order by source_id) filter (
        where layer = 'generation'
    ) as generation_source_ids,
    string_agg(distinct source_id, ',' order by source_id) as supply_source_ids
from layer
