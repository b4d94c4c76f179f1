-- Rows of background_inventory as published last of each dataset. No rows before the first
-- release.
{% set columns = {
    'dataset_id': 'varchar',
    'flow_id': 'varchar',
    'amount': 'double',
} %}

with published as (

    {{ released_before('background_inventory', columns) }}

)

select *
from published
