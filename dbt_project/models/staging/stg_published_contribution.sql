-- Rows of background_contribution as published last of each dataset. No rows before the first release.
with published as (

    {{ released_before('background_contribution', {'dataset_id': 'varchar', 'contribution_key': 'varchar', 'stage': 'varchar', 'provider_id': 'varchar', 'indicator': 'varchar', 'value': 'double', 'share': 'double'}) }}

)

select *
from published
