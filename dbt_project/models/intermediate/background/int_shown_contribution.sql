-- One row per dataset and part of its score that is shown: stage and supplier of an open dataset,
-- the stage alone of an aggregated one where stages are safe. A market has its suppliers' stages:
-- it shows them only beside all of theirs, since those of one left out would follow.
with dataset as (

    select * from {{ ref('int_dataset_state') }}
    where disclosure in ('open', 'aggregated') and shows_stages and not is_held

),

untold_market as (

    select distinct market_id
    from {{ ref('int_market_share') }}
    where share > 0 and provider_id not in (select dataset.process_id from dataset)

),

identity as (

    select * from {{ ref('int_background_identity') }}

),

contribution as (

    select
        dataset.dataset_id,
        contribution.indicator,
        contribution.stage,
        case
            when dataset.disclosure = 'open'
                then coalesce(provider.dataset_id, 'process')
            else 'all'
        end as provider_id,
        contribution.value
    from dataset
    inner join {{ ref('int_life_cycle_contribution') }} as contribution
        on dataset.process_id = contribution.process_id
    left join identity as provider on contribution.provider_id = provider.process_id
    where dataset.process_id not in (select untold_market.market_id from untold_market)

)

select
    dataset_id,
    stage || '|' || provider_id as contribution_key,
    stage,
    nullif(provider_id, 'all') as provider_id,
    indicator,
    sum(value order by value) as value,
    sum(value order by value)
    / nullif(sum(sum(value order by value)) over (partition by dataset_id, indicator), 0) as share
from contribution
group by dataset_id, stage, provider_id, indicator
