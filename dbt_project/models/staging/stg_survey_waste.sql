-- What left as waste, of the submissions that are known: one row per line of the
-- questionnaire, of the one receipt that its submission was taken from.
with answer as (

    {{ answered('survey_waste') }}

)

select
    -- ids
    submission_id,
    line,
    waste_code,
    treatment,

    -- quantities
    amount,
    unit,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from answer
