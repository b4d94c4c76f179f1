-- Hauls of inputs, of the submissions that are known: one row per line of the
-- questionnaire, of the one receipt that its submission was taken from.
with answer as (

    {{ answered('survey_transport') }}

)

select
    -- ids
    submission_id,
    line,
    product_code,
    mode,

    -- quantities
    distance_km,
    amount,
    unit,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from answer
