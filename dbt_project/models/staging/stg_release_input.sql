-- The receipts behind every earlier release, for disclosure control. No rows before the first
-- release.
with release_input as (

    {{ released_before('release_input', {'release_id': 'varchar', 'receipt_id': 'varchar'}) }}

)

select distinct
    release_id,
    receipt_id
from release_input
