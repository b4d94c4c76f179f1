-- No province generates more by a technology than its capacity makes in all hours of the month,
-- by a stated factor: beyond it generation or capacity was read in another unit. Ratios between one
-- and the factor are warnings (int_opinion_capacity), and so are months after the last capacity
-- that is published: new units may have run in them.
{{ config(meta={'dagster': {'ref': {'name': 'int_capacity_ratio'}}}) }}

select *
from {{ ref('int_capacity_ratio') }}
where is_bounded and ratio > {{ var('capacity_ratio_limit') }}
