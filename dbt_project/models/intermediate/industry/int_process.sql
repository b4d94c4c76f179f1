-- One row per process of the life-cycle system (methods/technosphere.py): the unit processes of the
-- cells, their markets, and the defaults and supplies of electricity that any of them takes.
-- `n_groups` is 0 where no plant stands behind a process.
with used_default as (

    select distinct
        provider_id as process_id,
        product_code,
        provider_unit as unit,
        year
    from {{ ref('int_input_provider') }}
    where provider_type = 'default' and provider_id is not null

)

select
    process_id,
    product_code,
    technology,
    region_code,
    year,
    allocation,
    unit,
    cast(1 as double) as reference_amount,
    'unit' as process_type,
    cast(n_groups as integer) as n_groups
from {{ ref('int_cell') }}

union all

select
    process_id,
    product_code,
    'market' as technology,
    region_code,
    year,
    'none' as allocation,
    unit,
    cast(1 as double) as reference_amount,
    'market' as process_type,
    cast(n_groups as integer) as n_groups
from {{ ref('int_market') }}

union all

select
    process_id,
    product_code,
    'default' as technology,
    'CN' as region_code,
    year,
    'none' as allocation,
    unit,
    cast(1 as double) as reference_amount,
    'default' as process_type,
    0 as n_groups
from used_default

union all

select
    process_id,
    product_code,
    supply as technology,
    region_code,
    year,
    'none' as allocation,
    'kWh' as unit,
    cast(1 as double) as reference_amount,
    'electricity' as process_type,
    0 as n_groups
from {{ ref('int_electricity_process') }}
