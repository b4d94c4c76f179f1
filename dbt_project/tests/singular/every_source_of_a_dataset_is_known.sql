-- Sources that a background table names and that table source does not hold.
{{ config(meta={'dagster': {'ref': {'name': 'source'}}}) }}

with named as (

    {% for table in [
        'product', 'elementary_flow', 'flow_mapping', 'characterisation_factor',
        'background_dataset', 'footprint_comparison',
    ] %}
        select
            '{{ table }}' as table_name,
            unnest(string_split(source_ids, ',')) as source_id
        from {{ ref(table) }}
        {% if not loop.last %}union{% endif %}
    {% endfor %}

)

select *
from named
where source_id not in (select source.source_id from {{ ref('source') }} as source)
