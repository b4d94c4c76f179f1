{#
  The UUID, version 5, of a name in the namespace of background datasets; the same texts as
  methods/dataset_identity.py, which tells what each is made of (a test compares both).
#}
{% macro background_uuid(name) -%}
    {%- set hash -%}
        sha1(unhex('dc21195257f95f57b0efc1cadd81f569') || encode({{ name }}))
    {%- endset -%}
    substr({{ hash }}, 1, 8) || '-' || substr({{ hash }}, 9, 4)
    || '-5' || substr({{ hash }}, 14, 3) || '-'
    || translate(substr({{ hash }}, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab')
    || substr({{ hash }}, 18, 3) || '-' || substr({{ hash }}, 21, 12)
{%- endmacro %}

{# The id of a unit process of one year. #}
{% macro process_id(product_code, technology, region_code, year, allocation) -%}
    {{ background_uuid(
        "'process|' || " ~ product_code ~ " || '|' || " ~ technology ~ " || '|' || "
        ~ region_code ~ " || '|' || cast(" ~ year ~ " as varchar) || '|' || " ~ allocation
    ) }}
{%- endmacro %}

{# The id of a product as a flow, whoever makes it. #}
{% macro product_flow_id(product_code) -%}
    {{ background_uuid("'product_flow|' || " ~ product_code) }}
{%- endmacro %}
