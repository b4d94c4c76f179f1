-- One row per process of the system that is solved: those that supply each other (int_process), and
-- the wider cells, which supply nobody and are solved along with them.
with cell as (

    select distinct
        process_id,
        product_code,
        technology,
        region_code,
        year,
        allocation
    from {{ ref('int_background_cell') }}
    where cell_type = 'widened'

),

contributor as (

    select
        cell.process_id,
        min(weight.unit) as unit,
        count(distinct weight.group_code) as n_groups
    from {{ ref('int_background_cell') }} as cell
    inner join {{ ref('int_contribution_weight') }} as weight
        on cell.leaf_process_id = weight.process_id
    group by cell.process_id

)

select * from {{ ref('int_process') }}

union all by name

select
    cell.process_id,
    cell.product_code,
    cell.technology,
    cell.region_code,
    cast(cell.year as integer) as year,
    cell.allocation,
    contributor.unit,
    cast(1 as double) as reference_amount,
    'widened' as process_type,
    cast(contributor.n_groups as integer) as n_groups
from cell
inner join contributor on cell.process_id = contributor.process_id
