-- One row per cell, submission and quantity, of the submissions that an earlier release counted and
-- this one does not: replaced by a newer form, or left. For disclosure control alone: what was
-- published then told of them. Confidential.
select * exclude (is_counted, product_code)
from {{ ref('int_submission_quantity') }}
where not is_counted
