{# The id of a published dataset (methods/dataset_identity.py): without the year. #}
{% macro dataset_id(product_code, technology, region_code, allocation) -%}
    {{ background_uuid(
        product_code ~ " || '|' || " ~ technology ~ " || '|' || " ~ region_code
        ~ " || '|" ~ system_model() ~ "|' || " ~ allocation
    ) }}
{%- endmacro %}

{# How the system is modelled: attributional, waste that is recycled leaves without burden. #}
{% macro system_model() -%}
    attributional_cut_off
{%- endmacro %}

{# Columns of a dataset whose change makes a new version of it, and their types. #}
{% macro background_content() %}
    {{- return({
        'year': 'integer', 'period_start': 'date', 'period_end': 'date', 'unit': 'varchar',
        'process_type': 'varchar', 'system_boundary': 'varchar', 'disclosure': 'varchar',
        'merged_into': 'varchar', 'contributors_band': 'varchar', 'value': 'double',
        'median': 'double', 'lower_95': 'double', 'upper_95': 'double', 'fossil': 'double',
        'biogenic_emission': 'double', 'biogenic_uptake': 'double', 'land_use': 'double',
        'primary_data_share': 'decimal(5, 1)', 'dqr': 'decimal(4, 2)',
        'dqr_technological': 'decimal(4, 2)', 'dqr_geographical': 'decimal(4, 2)',
        'dqr_temporal': 'decimal(4, 2)', 'dqr_precision': 'decimal(4, 2)',
        'quality_tier': 'varchar', 'review_status': 'varchar', 'licence': 'varchar',
        'national_code': 'varchar', 'cpc_code': 'varchar', 'content_sha256': 'varchar',
    }) }}
{% endmacro %}

{# All that is said of a dataset beside what it is: its content, and the sources of that. #}
{% macro background_statement() %}
    {%- set columns = background_content() -%}
    {%- do columns.update({'source_ids': 'varchar', 'known_at': 'date'}) -%}
    {{- return(columns) }}
{% endmacro %}

{#
  Rows of a table as earlier releases published them (source `release`); none where nothing was
  published. `columns` maps names to types; a column that an older release lacks is null.
#}
{% macro released_before(table, columns) %}
    {%- set relation = source('release', table) %}
    select
        {% for column, type in columns.items() %}
            cast(null as {{ type }}) as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    where false
    {%- if env_var('PCF_PUBLISHED', '') %}

        union all by name

        select *
        from {{ relation }}
    {%- endif %}
{% endmacro %}

{# Whether two rows agree in all columns of a list. #}
{% macro agree(new, old, columns) -%}
    {%- for column in columns -%}
        {{ new }}.{{ column }} is not distinct from {{ old }}.{{ column }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# The figures of one published table, one row per dataset and row of it (int_published_figure). #}
{% macro published_figures(table, columns) %}
    select
        dataset_id,
        row_key,
        {% for column in columns %}
            max(case when column_name = '{{ column }}' then published end) as {{ column }}
            {{- "," if not loop.last }}
        {% endfor %}
    from {{ ref('int_published_figure') }}
    where table_name = '{{ table }}'
    group by dataset_id, row_key
{% endmacro %}

{# A version as ILCD writes it: MM.mm.ppp. #}
{% macro version_text(version) -%}
    printf(
        '%02d.%02d.%03d', 1 + ({{ version }} - 1) // 100000, (({{ version }} - 1) // 1000) % 100,
        ({{ version }} - 1) % 1000
    )
{%- endmacro %}

{# Terms under which background datasets are published. #}
{% macro background_licence() -%}
    Apache-2.0
{%- endmacro %}
