-- One row per submission and receipt that brought it, of all that are known: of a plant's several
-- forms for one product, technology and period (`form_id`) every one, also those that a later one
-- replaces. Which of them counts is decided in int_contributor_set.
with known as (

    {{ as_known('survey_submission', ['submission_id', 'receipt_id']) }}

)

select
    submission_id,
    receipt_id,
    concat_ws('|', plant_code, product_code, technology, period_start, period_end) as form_id,
    row_number,
    known_at
from known
