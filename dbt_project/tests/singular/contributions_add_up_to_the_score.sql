-- Datasets whose contributions do not add up to their value, or whose shares not to 1, beyond what
-- rounding leaves.
{{ config(meta={'dagster': {'ref': {'name': 'background_contribution'}}}) }}

with total as (

    select
        dataset_id,
        indicator,
        sum(value) as value,
        sum(abs(value)) as size,
        sum(share) as share,
        count(*) as parts
    from {{ ref('background_contribution') }}
    group by all

)

select
    total.*,
    score.value as score
from total
left join {{ ref('background_score') }} as score
    on total.dataset_id = score.dataset_id and total.indicator = score.indicator
where
    not coalesce(abs(total.value - score.value) <= 5e-4 * (total.size + abs(score.value)), false)
    or abs(total.share - 1) > 0.5e-4 * total.parts + 1e-9
