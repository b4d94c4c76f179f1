{# Rows whose value does not lie between its bounds. #}
{% test parts_lie_between(model, low, value, high) %}
    select *
    from {{ model }}
    where not ({{ low }} <= {{ value }} and {{ value }} <= {{ high }})
{% endtest %}
