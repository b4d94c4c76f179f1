{# Groups whose shares do not add up to exactly one. #}
{% test sums_to_one(model, share, group_by) %}
    select
        {{ group_by | join(', ') }},
        sum({{ share }}) as total
    from {{ model }}
    group by {{ group_by | join(', ') }}
    having sum({{ share }}) <> 1
{% endtest %}
