-- Net flows of a month between the nodes of the consumption network, in their direction. Inner
-- Mongolia's exchange with the north-eastern provinces belongs to its eastern grid, all other to
-- its western; what the eastern grid has over goes to the western (or comes from there).
with flow as (

    select
        period_start as period_month,
        from_region_code,
        to_region_code,
        energy_mwh
    from {{ ref('int_province_flow_period') }}
    where resolution = 'month'

),

province_grid as (

    select
        region_code,
        grid_region_code
    from {{ ref('stg_grid_region') }}
    where region_code like '%0000'

),

node as (

    select area_code as node_code
    from {{ ref('int_area') }}
    where level = 'node'

),

located as (

    select
        flow.period_month,
        case
            when flow.from_region_code <> '150000' then flow.from_region_code
            when
                arrival.grid_region_code = 'GRID_NORTHEAST'
                and 'GRID_INNER_MONGOLIA_EAST' in (select node_code from node)
                then 'GRID_INNER_MONGOLIA_EAST'
            else 'GRID_INNER_MONGOLIA_WEST'
        end as from_node,
        case
            when flow.to_region_code <> '150000' then flow.to_region_code
            when
                start.grid_region_code = 'GRID_NORTHEAST'
                and 'GRID_INNER_MONGOLIA_EAST' in (select node_code from node)
                then 'GRID_INNER_MONGOLIA_EAST'
            else 'GRID_INNER_MONGOLIA_WEST'
        end as to_node,
        flow.energy_mwh
    from flow
    inner join province_grid as start on flow.from_region_code = start.region_code
    inner join province_grid as arrival on flow.to_region_code = arrival.region_code

),

-- The surplus of the eastern grid: its share of the province's, less what it sends itself.
eastern_surplus as (

    select
        balance.period_month,
        {{ energy('-balance.net_import_mwh * cast(area.share as double)') }} as energy_mwh
    from {{ ref('int_balance_month') }} as balance
    inner join {{ ref('int_area') }} as area
        on
            balance.region_code = area.region_code
            and area.area_code = 'GRID_INNER_MONGOLIA_EAST'
            and area.level = 'node'

),

eastern_sent as (

    select
        period_month,
        sum(case
            when from_node = 'GRID_INNER_MONGOLIA_EAST' then energy_mwh else -energy_mwh
        end) as energy_mwh
    from located
    where 'GRID_INNER_MONGOLIA_EAST' in (from_node, to_node)
    group by period_month

),

signed as (

    select
        period_month,
        from_node,
        to_node,
        energy_mwh
    from located

    union all

    select
        eastern_surplus.period_month,
        'GRID_INNER_MONGOLIA_EAST' as from_node,
        'GRID_INNER_MONGOLIA_WEST' as to_node,
        cast(
            eastern_surplus.energy_mwh - coalesce(eastern_sent.energy_mwh, 0) as decimal(38, 6)
        ) as energy_mwh
    from eastern_surplus
    left join eastern_sent on eastern_surplus.period_month = eastern_sent.period_month
    where eastern_surplus.period_month in (select period_month from flow)

)

select
    period_month,
    case when energy_mwh > 0 then from_node else to_node end as from_node,
    case when energy_mwh > 0 then to_node else from_node end as to_node,
    cast(abs(energy_mwh) as decimal(38, 6)) as energy_mwh
from signed
where energy_mwh <> 0
