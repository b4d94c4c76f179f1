-- One row per submission and product that takes a part of its inventory. By mass, energy or price
-- each product takes its share; where the system is expanded, or there is one product, the main
-- product takes all. Factors of a submission sum to exactly 1 (twelve places); `factor_from` and
-- `factor_to` are their cumulative sums.
with submission as (

    select * from {{ ref('stg_survey_submission') }}
    where submission_id not in (
        select set_aside.submission_id from {{ ref('int_submission_set_aside') }} as set_aside
        union
        -- Newcomers who would be told from the release before wait.
        select contributor.submission_id from {{ ref('int_contributor_set') }} as contributor
        where contributor.release_id = 'now' and not contributor.is_counted
    )

),

output as (

    select * from {{ ref('int_plant_output') }}
    where output_amount > 0

),

sharing as (

    select
        *,
        case
            when allocation in ('none', 'system_expansion') then cast(1 as decimal(38, 6))
            else {{ energy('cast(output_amount as double) * basis_per_unit') }}
        end as worth
    from output
    where is_main or allocation not in ('none', 'system_expansion')

),

shared as (

    select
        *,
        {{ cumulative_share('worth', 'submission_id', 'product_code', true) }} as factor_from,
        {{ cumulative_share('worth', 'submission_id', 'product_code', false) }} as factor_to
    from sharing

)

select
    -- ids
    shared.submission_id,
    submission.plant_code,
    submission.group_code,
    shared.product_code,
    -- A co-product is made by the technology of what it comes with.
    case
        when shared.is_main then submission.technology
        else replace(submission.product_code, '.', '_') || '_' || submission.technology
    end as technology,
    submission.region_code,
    submission.year,
    shared.allocation,
    shared.is_main,

    -- quantities
    shared.unit,
    shared.output_amount,
    shared.worth,
    cast(shared.factor_to - shared.factor_from as decimal(38, 12)) as factor,
    shared.factor_from,
    shared.factor_to
from shared
inner join submission on shared.submission_id = submission.submission_id
