-- What each corridor adds to the exchange between two grid regions, positive from the first code
-- to the second. A province that belongs to two grids (Inner Mongolia) has its ends where the other
-- end's grid is; between its own parts flows what the part of the other grid sends out in excess of
-- what it sends to that grid directly.
with corridor as (

    select
        from_region_code,
        to_region_code
    from {{ ref('stg_transmission_corridor') }}

),

home as (

    select
        region_code,
        grid_region_code
    from {{ ref('stg_grid_region') }}
    where region_code like '%0000'

),

divided as (

    select
        area.region_code,
        home.grid_region_code as home_grid,
        area.area_code as other_grid,
        area.share
    from {{ ref('int_area') }} as area
    inner join home on area.region_code = home.region_code
    where area.level = 'grid_region' and area.area_code <> home.grid_region_code

),

located as (

    select
        corridor.from_region_code,
        corridor.to_region_code,
        coalesce(start_divided.other_grid, start_home.grid_region_code) as from_grid,
        coalesce(end_divided.other_grid, end_home.grid_region_code) as to_grid
    from corridor
    inner join home as start_home on corridor.from_region_code = start_home.region_code
    inner join home as end_home on corridor.to_region_code = end_home.region_code
    left join divided as start_divided
        on
            corridor.from_region_code = start_divided.region_code
            and end_home.grid_region_code = start_divided.other_grid
    left join divided as end_divided
        on
            corridor.to_region_code = end_divided.region_code
            and start_home.grid_region_code = end_divided.other_grid

),

-- A divided province's corridors, as seen from it: 1 where positive flow leaves it.
outward as (

    select
        divided.*,
        corridor.from_region_code,
        corridor.to_region_code,
        case
            when corridor.from_region_code = divided.region_code then 1 else -1
        end as leaves,
        partner.grid_region_code as partner_grid
    from divided
    inner join corridor
        on divided.region_code in (corridor.from_region_code, corridor.to_region_code)
    inner join home as partner
        on
            case
                when divided.region_code = corridor.from_region_code
                    then corridor.to_region_code
                else corridor.from_region_code
            end = partner.region_code

),

directed as (

    select
        from_grid,
        to_grid,
        from_region_code,
        to_region_code,
        cast(1 as decimal(9, 6)) as coefficient
    from located
    where from_grid <> to_grid

    union all

    select
        other_grid as from_grid,
        home_grid as to_grid,
        from_region_code,
        to_region_code,
        cast(
            leaves * (share - case when partner_grid = other_grid then 1 else 0 end)
            as decimal(9, 6)
        ) as coefficient
    from outward

)

select
    least(from_grid, to_grid) as from_grid_code,
    greatest(from_grid, to_grid) as to_grid_code,
    from_region_code,
    to_region_code,
    cast(
        sum(case when from_grid < to_grid then coefficient else -coefficient end)
        as decimal(9, 6)
    ) as coefficient
from directed
group by all
