-- Figures of contributors, and withheld cells, that follow from everything published, earlier
-- releases included. The sentence says of which product and cell, and no figure.
{{ config(meta={'may_be_empty': true, 'dagster': {'ref': {'name': 'int_disclosure_audit'}}}) }}

select
    rule,
    product_code,
    cell_id,
    sentence_en,
    sentence_zh
from {{ ref('int_disclosure_audit') }}
