-- One row per submission and product that would take a part of its inventory, before it is decided
-- whether the submission counts (int_contributor_set); of several submissions of one form
-- (stg_survey_arrival) every one. Confidential.
select
    submission.submission_id,
    arrival.form_id,
    submission.group_code,
    output.product_code,
    case
        when output.is_main then submission.technology
        else replace(submission.product_code, '.', '_') || '_' || submission.technology
    end as technology,
    submission.region_code,
    submission.year,
    output.allocation,
    cast(output.output_amount as double) as weight
from {{ ref('int_plant_output') }} as output
inner join {{ ref('stg_survey_submission') }} as submission
    on output.submission_id = submission.submission_id
inner join {{ ref('stg_survey_arrival') }} as arrival
    on
        submission.submission_id = arrival.submission_id
        and submission.receipt_id = arrival.receipt_id
where
    output.output_amount > 0
    and output.allocation is not null
    and (output.is_main or output.allocation not in ('none', 'system_expansion'))
    and output.submission_id not in (
        select set_aside.submission_id from {{ ref('int_submission_set_aside') }} as set_aside
    )
