{# Groups whose parts do not add up to one; rounding of the parts is forgiven, nothing else. #}
{% test sum_to_one(model, column, by) %}
    select
        {{ by | join(', ') }},
        sum({{ column }}) as total
    from {{ model }}
    group by {{ by | join(', ') }}
    having abs(sum({{ column }}) - 1) > count(*) * 0.00000001
{% endtest %}
