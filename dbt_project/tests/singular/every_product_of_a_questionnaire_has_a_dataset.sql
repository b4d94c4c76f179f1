-- Products that a questionnaire of a complete year is about and that no dataset is published of,
-- shown or withheld: forms that went in and left no trace.
{{ config(meta={'dagster': {'ref': {'name': 'background_dataset'}}}) }}

select distinct
    submission.product_code,
    submission.year
from {{ ref('stg_survey_submission') }} as submission
where
    make_date(submission.year, 12, 1) <= strptime('{{ var("release_month") }}-01', '%Y-%m-%d')
    and submission.submission_id not in (
        select aside.submission_id from {{ ref('int_submission_set_aside') }} as aside
        union
        -- Who waits, and what a newer form replaced.
        select contributor.submission_id from {{ ref('int_contributor_set') }} as contributor
        where contributor.release_id = 'now' and not contributor.is_counted
    )
    and submission.product_code not in (
        select dataset.product_code from {{ ref('background_dataset') }} as dataset
    )
