{#
  A table of the replay (source `vintage`): no rows when dbt runs without one, so that the project
  builds by itself. `columns` maps names to types.
#}
{% macro replayed(table, columns) %}
    {%- set relation = source('vintage', table) %}
    select
        {% for name, type in columns.items() %}
            {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from
        {% if env_var('PCF_VINTAGES', '') -%}
            {{ relation }}
        {%- else -%}
            (
                select
                    {% for name, type in columns.items() %}
                        cast(null as {{ type }}) as {{ name }}{{ "," if not loop.last }}
                    {%- endfor %}
                where false
            )
        {%- endif %}
{% endmacro %}

{# The columns that name a factor in the tables of the replay. #}
{% macro replayed_meaning() %}
    {{- return({
        'level': 'varchar', 'area_code': 'varchar', 'period_start': 'date', 'period_end': 'date',
        'resolution': 'varchar', 'factor_kind': 'varchar', 'import_factor_basis': 'varchar',
        'technology': 'varchar', 'gas_scope': 'varchar', 'gwp_set': 'varchar',
        'system_boundary': 'varchar', 'includes_td_losses': 'boolean', 'known_on': 'date',
    }) }}
{% endmacro %}
