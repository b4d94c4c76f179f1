{# A value over what it is compared with, less one, as published; null where that is zero. #}
{% macro relative_difference(value, reference) -%}
    cast(
        round_even(cast({{ value }} as double) / nullif(cast({{ reference }} as double), 0) - 1, 8)
        as decimal(18, 8)
    )
{%- endmacro %}
