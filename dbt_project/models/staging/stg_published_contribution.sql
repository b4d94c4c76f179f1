-- Rows of background_contribution as published last of each dataset. No rows before the first
-- release.
{% set columns = {
    'dataset_id': 'varchar',
    'contribution_key': 'varchar',
    'stage': 'varchar',
    'provider_id': 'varchar',
    'indicator': 'varchar',
    'value': 'double',
    'share': 'double',
} %}

with published as (

    {{ released_before('background_contribution', columns) }}

)

select *
from published
