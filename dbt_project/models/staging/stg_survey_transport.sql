-- Hauls of inputs, of the submissions that count: one row per line of the
-- questionnaire, of the one receipt that its submission was taken from.
with submission as (

    select * from {{ ref('stg_survey_submission') }}

),

answer as (

    select * from {{ source('raw', 'survey_transport') }}

)

select
    -- ids
    answer.submission_id,
    answer.line,
    answer.product_code,
    answer.mode,

    -- quantities
    answer.distance_km,
    answer.amount,
    answer.unit,

    -- evidence
    answer.source_id,
    answer.receipt_id,
    answer.sheet,
    answer.row_number,
    answer.known_at
from answer
inner join submission
    on
        answer.submission_id = submission.submission_id
        and answer.receipt_id = submission.receipt_id
