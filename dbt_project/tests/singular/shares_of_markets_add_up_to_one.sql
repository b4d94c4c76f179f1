-- Markets that are published with their suppliers and whose shares do not add up to 1.
{{ config(meta={'dagster': {'ref': {'name': 'background_exchange'}}}) }}

select
    exchange.dataset_id,
    sum(exchange.amount) as shares
from {{ ref('background_exchange') }} as exchange
inner join {{ ref('background_dataset') }} as dataset on exchange.dataset_id = dataset.dataset_id
where dataset.technology = 'market'
group by exchange.dataset_id
having abs(sum(exchange.amount) - 1) > 1e-9
