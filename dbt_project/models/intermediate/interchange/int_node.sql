-- Which nodes of the consumption network an area is made of. A node belongs to its areas whole.
with node as (

    select
        area_code as node_code,
        region_code
    from {{ ref('int_area') }}
    where level = 'node'

),

located as (

    select
        node.node_code,
        node.region_code,
        case node.node_code
            when 'GRID_INNER_MONGOLIA_EAST' then 'GRID_NORTHEAST'
            when 'GRID_INNER_MONGOLIA_WEST' then 'GRID_NORTH'
            else grid.grid_region_code
        end as grid_region_code
    from node
    inner join {{ ref('stg_grid_region') }} as grid on node.region_code = grid.region_code

)

select
    'province' as level,
    region_code as area_code,
    node_code
from located

union all

select
    'grid_region' as level,
    grid_region_code as area_code,
    node_code
from located

union all

select
    'nation' as level,
    'CN' as area_code,
    node_code
from located

union all

select
    'sub_grid' as level,
    node_code as area_code,
    node_code
from located
where node_code like 'GRID_INNER_MONGOLIA_%'
