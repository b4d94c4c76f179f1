-- One row per cell, submission and quantity that a published cell tells of, of the submissions that
-- count (int_submission_quantity). Confidential.
select * exclude (is_counted, product_code)
from {{ ref('int_submission_quantity') }}
where is_counted
