-- What a plant made, of the submissions that are known: one row per line of the
-- questionnaire, of the one receipt that its submission was taken from.
with answer as (

    {{ answered('survey_product') }}

)

select
    -- ids
    submission_id,
    line,
    product_code,
    role,
    allocation_basis,

    -- quantities
    output_amount,
    price_cny,
    energy_mj_per_unit,
    stock_change,
    unit,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from answer
