{# Columns of a factor whose change makes a new version of it - its value, its evidence - and types. #}
{% macro factor_evidence() %}
    {%- set share = 'decimal(9, 8)' -%}
    {%- set figure = 'decimal(18, 12)' -%}
    {%- set rating = 'decimal(4, 2)' -%}
    {{- return({
        'period_start': 'date', 'period_end': 'date', 'method_id': 'varchar',
        'value': figure, 'median': figure, 'lower_95': figure, 'upper_95': figure,
        'unit': 'varchar', 'dqr': rating, 'dqr_technological': rating,
        'dqr_geographical': rating, 'dqr_temporal': rating, 'dqr_precision': rating,
        'quality_tier': 'varchar', 'maturity': 'varchar', 'reported_share': share,
        'completed_share': share, 'modelled_share': share, 'note_zh': 'varchar',
        'note_en': 'varchar', 'source_ids': 'varchar', 'known_at': 'date',
    }) }}
{% endmacro %}

{# Whether two rows of one factor agree in value and evidence. #}
{% macro says_the_same(new, old) -%}
    {%- for column in factor_evidence() -%}
        {{ new }}.{{ column }} is not distinct from {{ old }}.{{ column }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#
  Factors as they were published last (source `release`); no rows where nothing was published, so
  that the project builds by itself. A column that an older release lacks is null: it is compared
  as new evidence.
#}
{% macro published_before() %}
    {%- set relation = source('release', 'electricity_factor') %}
    select
        cast(null as varchar) as factor_id,
        cast(null as integer) as factor_version,
        {% for column, type in factor_evidence().items() %}
            cast(null as {{ type }}) as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    where false
    {%- if env_var('PCF_PUBLISHED', '') %}

        union all by name

        select *
        from {{ relation }}
    {%- endif %}
{% endmacro %}
