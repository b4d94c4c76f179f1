-- Rows of background_score as published last of each dataset. No rows before the first release.
with published as (

    {{ released_before('background_score', {'dataset_id': 'varchar', 'indicator': 'varchar', 'value': 'double', 'median': 'double', 'lower_95': 'double', 'upper_95': 'double'}) }}

)

select *
from published
