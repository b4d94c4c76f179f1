-- Publications of parameters that stand in for the time before them (see macro `as_known`): one row
-- per raw table, group with a first publication of its own, and receipt.
{% set parameters = [
    'background_default', 'coal_unit_intensity', 'combustion_gas', 'elementary_flow',
    'flow_mapping', 'fuel_default', 'grid_region', 'gwp', 'official_co2_factor',
    'official_lca_factor', 'product', 'product_benchmark', 'region', 'sector_fuel_co2',
    'transmission_corridor',
] %}

with first_publication as (
    {% for table in parameters %}
        select
            '{{ table }}' as raw_table,
            {{ published_group(table) }} as published_group,
            receipt_id,
            known_at
        from {{ source('raw', table) }}
        qualify known_at = min(known_at) over (partition by published_group)
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select distinct
    first_publication.raw_table,
    first_publication.published_group,
    first_publication.receipt_id,
    first_publication.known_at
from first_publication
cross join {{ ref('stg_as_of') }} as knowledge
where first_publication.known_at > knowledge.parameters_as_of
