-- Rows of background_score as published last of each dataset. No rows before the first
-- release.
{% set columns = {
    'dataset_id': 'varchar',
    'indicator': 'varchar',
    'value': 'double',
    'median': 'double',
    'lower_95': 'double',
    'upper_95': 'double',
} %}

with published as (

    {{ released_before('background_score', columns) }}

)

select *
from published
