-- Datasets that are open or aggregated and lack a value, a score of some indicator, exchanges
-- (open) or an inventory (aggregated).
{{ config(meta={'dagster': {'ref': {'name': 'background_dataset'}}}) }}

with indicator as (

    select count(distinct indicator) as indicators from {{ ref('characterisation_factor') }}

),

score as (

    select
        dataset_id,
        count(*) as scores
    from {{ ref('background_score') }}
    group by dataset_id

)

select
    dataset.dataset_id,
    dataset.disclosure
from {{ ref('background_dataset') }} as dataset
cross join indicator
left join score on dataset.dataset_id = score.dataset_id
where
    dataset.disclosure in ('open', 'aggregated')
    and (
        dataset.value is null
        or coalesce(score.scores, 0) <> indicator.indicators
        or dataset.dataset_id not in (
            select exchange.dataset_id from {{ ref('background_exchange') }} as exchange
            union
            select inventory.dataset_id from {{ ref('background_inventory') }} as inventory
        )
    )
