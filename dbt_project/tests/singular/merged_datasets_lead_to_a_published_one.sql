-- Merged datasets whose parent is not published, and others that name a parent.
{{ config(meta={'dagster': {'ref': {'name': 'background_dataset'}}}) }}

select
    dataset.dataset_id,
    dataset.disclosure,
    dataset.merged_into
from {{ ref('background_dataset') }} as dataset
left join {{ ref('background_dataset') }} as parent on dataset.merged_into = parent.dataset_id
where
    (
        dataset.disclosure = 'merged'
        and coalesce(parent.disclosure, 'withheld') not in ('open', 'aggregated')
    )
    or (dataset.disclosure <> 'merged' and dataset.merged_into is not null)
