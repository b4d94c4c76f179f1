-- What went in, of the submissions that count: one row per line of the
-- questionnaire, of the one receipt that its submission was taken from.
with submission as (

    select * from {{ ref('stg_survey_submission') }}

),

answer as (

    select * from {{ source('raw', 'survey_input') }}

)

select
    -- ids
    answer.submission_id,
    answer.line,
    answer.kind,
    answer.product_code,
    answer.supplier_region_code,

    -- quantities
    answer.amount,
    answer.lower_heating_value,
    answer.carbon_content,
    answer.oxidation,
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
