-- What a value moved by is the sum of its causes, to the last digit.
{{ config(meta={'dagster': {'ref': {'name': 'factor_revision'}}}) }}

select *
from {{ ref('factor_revision') }}
where
    change <> by_data + by_upstream + by_method + by_correction
    or change <> value - previous_value
