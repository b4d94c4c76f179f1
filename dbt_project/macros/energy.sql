{# Energy and emissions are added as decimals: sums then agree on one core and on many. #}
{% macro energy(expression) -%}
    cast(round({{ expression }}, 6) as decimal(38, 6))
{%- endmacro %}

{# The part of `total` that falls to this row when its partition is shared by `weight`, rounded so
   that the parts add up to the total exactly (differences of rounded cumulative sums). #}
{% macro exact_share(total, weight, partition_by, order_by) -%}
    cast(
        round(
            cast({{ total }} as double)
            * (sum({{ weight }}) over (
                partition by {{ partition_by }} order by {{ order_by }}
            ))
            / (sum({{ weight }}) over (partition by {{ partition_by }})), 6
        ) as decimal(38, 6)
    )
    - cast(
        round(
            cast({{ total }} as double)
            * (sum({{ weight }}) over (
                partition by {{ partition_by }} order by {{ order_by }}
            ) - {{ weight }})
            / (sum({{ weight }}) over (partition by {{ partition_by }})), 6
        ) as decimal(38, 6)
    )
{%- endmacro %}
