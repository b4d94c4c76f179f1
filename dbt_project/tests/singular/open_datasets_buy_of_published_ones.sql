-- Exchanges whose supplier is not published: its score would follow from the buyer's.
{{ config(meta={'dagster': {'ref': {'name': 'background_exchange'}}}) }}

select
    exchange.dataset_id,
    exchange.exchange_no,
    exchange.provider_id
from {{ ref('background_exchange') }} as exchange
left join {{ ref('background_dataset') }} as supplier
    on exchange.provider_id = supplier.dataset_id
where
    exchange.kind <> 'elementary'
    and coalesce(supplier.disclosure, 'withheld') not in ('open', 'aggregated')
