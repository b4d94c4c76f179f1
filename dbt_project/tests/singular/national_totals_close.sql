-- Completed provinces close on the national total within the stated tolerance. A wider gap means
-- a lost series or a unit gone wrong, and stops the release.
{{ config(meta={'dagster': {'ref': {'name': 'int_national_closure'}}}) }}

select *
from {{ ref('int_national_closure') }}
where abs(residual_share) > {{ var('closure_tolerance') }}
