-- Errors of the readiness gates: nothing is solved before they are mended. The sentence says what
-- and where.
{{ config(meta={'dagster': {'ref': {'name': 'int_readiness'}}}) }}

select
    rule,
    process_id,
    sentence_en,
    sentence_zh
from {{ ref('int_readiness') }}
where severity = 'error'
