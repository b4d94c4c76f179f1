-- Every background dataset of every earlier release: one row per release and dataset. No rows
-- before the first release.
{% set columns = {
    'release_id': 'varchar', 'dataset_id': 'varchar', 'dataset_version': 'integer',
    'product_code': 'varchar', 'technology': 'varchar', 'region_code': 'varchar',
    'allocation': 'varchar',
} %}
{% do columns.update(background_statement()) %}

with published as (

    {{ released_before('background_dataset', columns) }}

)

select *
from published
