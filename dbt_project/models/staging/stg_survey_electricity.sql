-- Electricity used by origin, of the submissions that are known: one row per line of the
-- questionnaire, of the one receipt that its submission was taken from.
with answer as (

    {{ answered('survey_electricity') }}

)

select
    -- ids
    submission_id,
    line,
    origin,
    technology,
    certificate_ids,

    -- quantities
    energy_mwh,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from answer
