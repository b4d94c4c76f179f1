-- Shares of a factor's variance fall with the rank, and its five largest do not exceed all of it.
{{ config(meta={'dagster': {'ref': {'name': 'variance_contribution'}}}) }}

with ranked as (

    select
        factor_id,
        rank,
        share,
        lag(share) over (partition by factor_id order by rank) as larger_share,
        sum(share) over (partition by factor_id) as added_share
    from {{ ref('variance_contribution') }}

)

select *
from ranked
where share > coalesce(larger_share, share) or added_share > 1.01
