-- Completed provinces close on the national total within the stated tolerance. A wider gap means
-- a lost series or a unit gone wrong, and stops the release.
select *
from {{ ref('int_national_closure') }}
where abs(residual_share) > {{ var('closure_tolerance') }}
