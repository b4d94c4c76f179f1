{#
  Corrections are data. Each names a table, a key, a column, the value that it expects to find
  and the value that it puts there. It is applied only where the expectation holds; the test
  `corrections_meet_their_expectation` fails when one no longer does.
#}
{% macro corrections_of(table, column) %}
    select
        key_json,
        expect,
        value
    from {{ ref('stg_correction') }}
    where raw_table = '{{ table }}' and column_name = '{{ column }}'
{% endmacro %}

{% macro correction_key_matches(alias, key) -%}
    {%- for name in key %}
    json_extract_string({{ alias }}.key_json, '$.{{ name }}') = cast(known.{{ name }} as varchar)
    {%- if not loop.last %} and{% endif %}
    {%- endfor %}
{%- endmacro %}
