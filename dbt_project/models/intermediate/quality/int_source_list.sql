-- Which sources each layer of the derivation rests on.
with layer as (

    select
        'generation' as layer,
        source_id
    from {{ ref('stg_electricity_bulletin') }}
    union
    select
        'generation' as layer,
        source_id
    from {{ ref('stg_capacity_utilisation') }}
    union
    select
        'generation' as layer,
        source_id
    from {{ ref('stg_national_generation') }}
    where coverage = 'total'
    union
    select
        'generation' as layer,
        source_id
    from {{ ref('stg_coal_unit_intensity') }}
    union
    select
        'generation' as layer,
        source_id
    from {{ ref('stg_sector_fuel_co2') }}
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
    from {{ ref('stg_power_fuel_use') }}
    union
    select
        'generation' as layer,
        source_id
    from {{ ref('stg_official_co2_factor') }}
    where factor_kind = 'fossil_power'
    union
    select
        'generation' as layer,
        source_id
    from {{ ref('stg_official_lca_factor') }}
    union
    select
        'interchange' as layer,
        source_id
    from {{ ref('stg_interregional_transfer') }}
    union
    select
        'interchange' as layer,
        source_id
    from {{ ref('stg_grid_region') }}
    union
    select
        'interchange' as layer,
        source_id
    from {{ source('raw', 'transmission_corridor') }}

)

select
    string_agg(source_id, ',' order by source_id) filter (
        where layer = 'generation'
    ) as generation_source_ids,
    string_agg(distinct source_id, ',' order by source_id) as supply_source_ids
from layer
