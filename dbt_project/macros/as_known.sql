{#
  The rows of a raw table as they were known on a day: for each key the row that its source
  published last. Two rows published on one day are told apart by their receipt, so that the choice
  never depends on the order in which files came.

  The day is that of the table's layer (`stg_as_of`); the layer stands with the source
  (`meta.layer`): statistics, parameters or corrections. Of a parameter the first publication stands
  in for the time before it (`meta.first_known_by` names what has a first publication of its own;
  left out, the whole table): the method of today can then be carried out as of any day, and a later
  publication is a revision like any other. What was used that way is listed in `stg_hindsight`.
#}
{% macro as_known(table, key) %}
    {%- set layer = raw_layer(table) %}
    {%- if layer == 'parameters' %}
        select known.* exclude (first_known_at)
        from (
            select
                *,
                min(known_at) over (
                    partition by {{ published_group(table) }}
                ) as first_known_at
            from {{ source('raw', table) }}
        ) as known
        cross join {{ ref('stg_as_of') }} as knowledge
        where known.known_at <= greatest(knowledge.parameters_as_of, known.first_known_at)
    {%- else %}
        select known.*
        from {{ source('raw', table) }} as known
        cross join {{ ref('stg_as_of') }} as knowledge
        where known.known_at <= knowledge.{{ layer }}_as_of
    {%- endif %}
    qualify row_number() over (
        partition by {{ key | join(', ') }}
        order by known_at desc, receipt_id desc, row_number desc
    ) = 1
{% endmacro %}

{# Facts that stand with a raw table in `_sources.yml`. While dbt parses there is no graph
   yet, and in a unit test it is empty. #}
{% macro raw_meta(table) %}
    {%- set found = {} %}
    {%- if execute %}
        {%- for node in graph.get('sources', {}).values() if node.source_name == 'raw' and node.name == table %}
            {%- do found.update(node.config.meta or node.meta) %}
        {%- endfor %}
    {%- endif %}
    {{- return(found) }}
{% endmacro %}

{% macro raw_layer(table) %}
    {{- return(raw_meta(table).get('layer', 'statistics')) }}
{% endmacro %}

{# What of a table of parameters has a first publication of its own, as one expression. #}
{% macro published_group(table) %}
    {%- set columns = raw_meta(table).get('first_known_by', []) %}
    {{- return("concat_ws('.', " ~ columns | join(', ') ~ ')' if columns else 'null') }}
{% endmacro %}
