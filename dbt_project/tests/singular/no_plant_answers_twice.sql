-- Pairs of submissions that are likely one plant under two names: counted twice, it makes a cell
-- look safer than it is. A person decides which of them is set aside; until then it is a warning.
{{
    config(
        severity='warn',
        meta={'dagster': {'ref': {'name': 'int_likely_duplicate'}}}
    )
}}

select
    submission_id,
    other_submission_id,
    same_code,
    near_figures
from {{ ref('int_likely_duplicate') }}
