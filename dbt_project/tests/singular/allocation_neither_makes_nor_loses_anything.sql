-- Over the products of a submission the allocated inventory adds up to the unallocated one,
-- exchange by exchange, to the last decimal; and the cells hold all that was allocated.
{{ config(meta={'dagster': {'ref': {'name': 'int_allocated_exchange'}}}) }}

{% set key = [
    'submission_id', 'kind', 'direction', 'item', 'provider_region', 'supply', 'stage', 'evidence'
] %}

with whole as (

    select
        {{ key | join(', ') }},
        sum(amount) as amount
    from {{ ref('int_plant_exchange') }}
    group by {{ key | join(', ') }}

),

parts as (

    select
        {{ key | join(', ') }},
        sum(amount) as amount
    from {{ ref('int_allocated_exchange') }}
    group by {{ key | join(', ') }}

),

allocated as (

    select
        item,
        sum(amount) as amount
    from {{ ref('int_allocated_exchange') }}
    where
        submission_id in (
            select plant.submission_id from {{ ref('int_plant_product') }} as plant
            where plant.is_counted
        )
    group by item

),

cells as (

    select
        item,
        sum(amount) as amount
    from {{ ref('int_cell_contribution') }}
    group by item

)

select
    whole.submission_id as place,
    whole.item,
    whole.amount as expected,
    parts.amount as found
from whole
left join parts
    on
        true
        {% for name in key %}
            and whole.{{ name }} = parts.{{ name }}
        {% endfor %}
where whole.amount is distinct from parts.amount

union all

select
    'all cells' as place,
    allocated.item,
    allocated.amount as expected,
    cells.amount as found
from allocated
left join cells on allocated.item = cells.item
where allocated.amount is distinct from coalesce(cells.amount, 0)
