-- One row per submission and product that takes a part of its inventory. By mass, energy or price
-- each product takes its share; where the system is expanded, or there is one product, the main
-- product takes all. Factors of a submission sum to exactly 1 (twelve places); `factor_from` and
-- `factor_to` are their cumulative sums.
--   is_counted   true: it makes up today's cells. False: an earlier release counted it and this one
--                does not; it is derived for disclosure control alone, to know what was told then
-- Who waits and was never counted is not here, nor who is set aside (int_contributor_set).
with contributor as (

    select
        submission_id,
        bool_or(release_id = 'now') as is_counted
    from {{ ref('int_contributor_set') }}
    where is_counted
    group by submission_id

),

submission as (

    select
        submission.*,
        contributor.is_counted
    from {{ ref('stg_survey_submission') }} as submission
    inner join contributor on submission.submission_id = contributor.submission_id

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
    submission.is_counted,

    -- quantities
    shared.unit,
    shared.output_amount,
    shared.worth,
    cast(shared.factor_to - shared.factor_from as decimal(38, 12)) as factor,
    shared.factor_from,
    shared.factor_to
from shared
inner join submission on shared.submission_id = submission.submission_id
