-- Which provinces an area is made of, and with what share: provinces themselves, the seven grid
-- regions (Inner Mongolia in two of them), the nation.
with province as (

    select region_code from {{ ref('stg_region') }}
    where level = 'province'

),

grid as (

    select
        province.region_code,
        grid.grid_region_code
    from province
    inner join {{ ref('stg_grid_region') }} as grid
        on province.region_code = grid.region_code

),

inner_mongolia as (

    select north_east_share from {{ ref('int_inner_mongolia_share') }}

)

select
    region_code as area_code,
    'province' as level,
    region_code,
    cast(1 as decimal(9, 6)) as share
from province

union all

select
    'CN' as area_code,
    'nation' as level,
    region_code,
    cast(1 as decimal(9, 6)) as share
from province

union all

select
    grid.grid_region_code as area_code,
    'grid_region' as level,
    grid.region_code,
    case
        when grid.region_code = '150000'
            then cast(1 as decimal(9, 6)) - inner_mongolia.north_east_share
        else cast(1 as decimal(9, 6))
    end as share
from grid
cross join inner_mongolia

union all

select
    'GRID_NORTHEAST' as area_code,
    'grid_region' as level,
    '150000' as region_code,
    north_east_share as share
from inner_mongolia
where north_east_share > 0
