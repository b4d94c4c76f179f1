-- One row per dataset: in which form it is published.
--   open        only where every supplier is published too, by the process that is linked: what is
--               bought of a hidden supplier would give that supplier's score away; and what is
--               bought of a held one the update that is held back, since buyers are solved with it
--   held        the value published last stands, since its update would tell of a few contributors;
--               one that was open then has no result to stand and is withheld
-- Defaults and electricity hide nobody.
with identity as (

    select * from {{ ref('int_background_identity') }}

),

decision as (

    select * from {{ ref('int_disclosure') }}

),

last_published as (

    select *
    from {{ ref('stg_published_dataset') }}
    qualify row_number() over (
        partition by dataset_id
        order by dataset_version desc, release_id desc
    ) = 1

),

decided as (

    select
        identity.*,
        case
            when identity.process_type in ('default', 'electricity') then 'open'
            when decision.is_held and coalesce(last_published.disclosure, '') <> 'aggregated'
                then 'withheld'
            else coalesce(decision.disclosure, 'withheld')
        end as decided_disclosure,
        decision.merged_into as parent_process_id,
        decision.contributors_band,
        coalesce(decision.is_held, false) as is_held,
        coalesce(decision.shows_stages, identity.process_type in ('default', 'electricity'))
            as shows_stages,
        coalesce(decision.shows_electricity, identity.process_type in ('default', 'electricity'))
            as shows_electricity
    from identity
    left join decision on identity.process_id = decision.process_id
    left join last_published on identity.dataset_id = last_published.dataset_id

),

shown as (

    select
        process_id,
        is_held
    from decided
    where decided_disclosure in ('open', 'aggregated')

),

hidden_supplier as (

    select distinct exchange.process_id
    from {{ ref('int_life_cycle_exchange') }} as exchange
    where
        exchange.provider_id is not null
        and exchange.provider_id not in (
            select shown.process_id from shown
            where not shown.is_held
        )

),

stated as (

    select
        decided.*,
        case
            when
                decided.decided_disclosure = 'open'
                and decided.process_id in (select process_id from hidden_supplier)
                then 'aggregated'
            when
                decided.decided_disclosure = 'merged'
                and decided.parent_process_id not in (select process_id from shown)
                then 'withheld'
            else decided.decided_disclosure
        end as disclosure
    from decided

)

select
    stated.dataset_id,
    stated.process_id,
    stated.product_code,
    stated.technology,
    stated.region_code,
    stated.year,
    stated.allocation,
    stated.unit,
    stated.process_type as model_process_type,
    case when stated.disclosure = 'open' then 'unit_process' else 'result' end as process_type,
    stated.disclosure,
    case when stated.disclosure = 'merged' then parent.dataset_id end as merged_into,
    case when stated.disclosure in ('open', 'aggregated') then stated.contributors_band end
        as contributors_band,
    stated.is_held and stated.disclosure = 'aggregated' as is_held,
    stated.shows_stages and stated.disclosure in ('open', 'aggregated') as shows_stages,
    stated.shows_electricity and stated.disclosure in ('open', 'aggregated') as shows_electricity
from stated
left join identity as parent on stated.parent_process_id = parent.process_id
