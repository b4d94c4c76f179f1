-- What went in, of the submissions that are known: one row per line of the
-- questionnaire, of the one receipt that its submission was taken from.
with answer as (

    {{ answered('survey_input') }}

)

select
    -- ids
    submission_id,
    line,
    kind,
    product_code,
    supplier_region_code,

    -- quantities
    amount,
    lower_heating_value,
    carbon_content,
    oxidation,
    unit,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from answer
