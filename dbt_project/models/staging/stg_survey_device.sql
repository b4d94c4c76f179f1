-- Metering devices, of the submissions that are known: one row per line of the
-- questionnaire, of the one receipt that its submission was taken from.
with answer as (

    {{ answered('survey_device') }}

)

select
    -- ids
    submission_id,
    line,
    device,
    measures,
    traceability,

    -- dates
    calibrated_on,
    valid_until,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from answer
