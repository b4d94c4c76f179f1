-- Rows of background_inventory as published last of each dataset. No rows before the first release.
with published as (

    {{ released_before('background_inventory', {'dataset_id': 'varchar', 'flow_id': 'varchar', 'amount': 'double'}) }}

)

select *
from published
