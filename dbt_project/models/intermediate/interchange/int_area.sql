-- Which provinces an area is made of, and with what share: provinces themselves, the seven grid
-- regions, the nation, the two grids of Inner Mongolia, and the nodes of the consumption network
-- (the provinces, Inner Mongolia as its two grids).
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

-- Inner Mongolia has one set of statistics and two grids.
sub_grid as (

    select
        'GRID_INNER_MONGOLIA_EAST' as sub_grid_code,
        'GRID_NORTHEAST' as grid_region_code,
        '150000' as region_code,
        north_east_share as share
    from {{ ref('int_inner_mongolia_share') }}

    union all

    select
        'GRID_INNER_MONGOLIA_WEST' as sub_grid_code,
        'GRID_NORTH' as grid_region_code,
        '150000' as region_code,
        cast(1 as decimal(9, 6)) - north_east_share as share
    from {{ ref('int_inner_mongolia_share') }}

),

area as (

    select
        'province' as level,
        region_code as area_code,
        region_code,
        cast(1 as decimal(9, 6)) as share
    from province

    union all

    select
        'nation' as level,
        'CN' as area_code,
        region_code,
        cast(1 as decimal(9, 6)) as share
    from province

    union all

    select
        'grid_region' as level,
        grid_region_code as area_code,
        region_code,
        cast(1 as decimal(9, 6)) as share
    from grid
    where region_code <> '150000'

    union all

    select
        'grid_region' as level,
        grid_region_code as area_code,
        region_code,
        share
    from sub_grid

    union all

    select
        'sub_grid' as level,
        sub_grid_code as area_code,
        region_code,
        share
    from sub_grid

    union all

    select
        'node' as level,
        region_code as area_code,
        region_code,
        cast(1 as decimal(9, 6)) as share
    from province
    where region_code <> '150000'

    union all

    select
        'node' as level,
        sub_grid_code as area_code,
        region_code,
        share
    from sub_grid

)

select
    level,
    area_code,
    region_code,
    share
from area
where share > 0
