-- Figures of contributors, and withheld cells, that follow from everything published, earlier
-- releases included. The sentence says of which product and cell, and no figure. A flow of a
-- withheld cell that can be placed while none of its contributors can is a warning, and stands in
-- the model only.
{{ config(meta={'dagster': {'ref': {'name': 'int_disclosure_audit'}}}) }}

select
    rule,
    product_code,
    cell_id,
    sentence_en,
    sentence_zh
from {{ ref('int_disclosure_audit') }}
where severity = 'error'
