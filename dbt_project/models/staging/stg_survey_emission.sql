-- Emissions that do not follow from fuel use, and measured ones, of the submissions that are known:
-- one row per line of the questionnaire, of the one receipt that its submission was taken from.
with answer as (

    {{ answered('survey_emission') }}

)

select
    -- ids
    submission_id,
    line,
    gas,
    source,
    method,

    -- quantities
    amount_kg,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from answer
