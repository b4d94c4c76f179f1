-- Open datasets whose allocation factors do not add up to exactly 1.
{{ config(meta={'dagster': {'ref': {'name': 'background_allocation'}}}) }}

select
    dataset_id,
    sum(factor) as factors
from {{ ref('background_allocation') }}
group by dataset_id
having sum(factor) <> 1
