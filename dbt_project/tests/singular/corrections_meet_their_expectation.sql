-- A correction names the value that it expects to find. Once the source is mended, or the key no
-- longer meets a row, the correction must be looked at again: it fails here until it is withdrawn.
{{ config(meta={'dagster': {'ref': {'name': 'stg_correction'}}}) }}

{% set correctable = {
    'electricity_bulletin': {
        'key': ['period_month', 'region_code', 'flow', 'technology'],
        'columns': {'energy_ytd_mwh': 'decimal(38, 6)'},
    },
    'capacity_utilisation': {
        'key': ['period_month', 'region_code', 'technology', 'scope'],
        'columns': {'capacity_mw': 'double'},
    },
    'transmission_corridor': {
        'key': ['from_region_code', 'to_region_code', 'year'],
        'columns': {'to_region_code': 'varchar', 'capacity_mw': 'double'},
    },
} %}

with correction as (

    select * from {{ ref('stg_correction') }}

),

{% for table, shape in correctable.items() %}
    known_{{ table }} as (

        {{ as_known(table, shape.key) }}

    ),
{% endfor %}

met as (
    {% for table, shape in correctable.items() %}
        {% for column, type in shape.columns.items() %}
            select
                correction.raw_table,
                correction.key_json,
                correction.column_name
            from correction
            inner join known_{{ table }} as known
                on
                    {{ correction_key_matches('correction', shape.key) }}
                    and known.{{ column }} = cast(correction.expect as {{ type }})
            where
                correction.raw_table = '{{ table }}'
                and correction.column_name = '{{ column }}'
            {% if not loop.last %}union all{% endif %}
        {% endfor %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    correction.raw_table,
    correction.key_json,
    correction.column_name,
    correction.expect,
    count(met.raw_table) as rows_met
from correction
left join met
    on
        correction.raw_table = met.raw_table
        and correction.key_json = met.key_json
        and correction.column_name = met.column_name
group by all
having count(met.raw_table) <> 1
