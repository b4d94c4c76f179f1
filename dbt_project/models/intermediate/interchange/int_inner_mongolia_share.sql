-- Inner Mongolia has one set of statistics and two grids. How much of it belongs to the
-- north-eastern grid follows from that grid's balance: what it is reported to send to the north
-- is the surplus of its three provinces and of that share of Inner Mongolia:
-- share = (reported transfer - surplus of the three provinces) / surplus of Inner Mongolia.
with reported as (

    select
        period_month,
        energy_mwh
    from {{ ref('int_transfer_month') }}
    where from_region_code = 'GRID_NORTHEAST' and to_region_codes = 'GRID_NORTH'

),

surplus as (

    select
        reported.period_month,
        reported.energy_mwh as transfer_mwh,
        sum(case
            when grid.grid_region_code = 'GRID_NORTHEAST' then -balance.net_import_mwh else 0
        end) as north_east_mwh,
        sum(case
            when balance.region_code = '150000' then -balance.net_import_mwh else 0
        end) as inner_mongolia_mwh
    from reported
    inner join {{ ref('int_balance_month') }} as balance
        on reported.period_month = balance.period_month
    inner join {{ ref('stg_grid_region') }} as grid
        on balance.region_code = grid.region_code
    group by reported.period_month, reported.energy_mwh

),

whole as (

    select
        sum(transfer_mwh) as transfer_mwh,
        sum(north_east_mwh) as north_east_mwh,
        sum(inner_mongolia_mwh) as inner_mongolia_mwh
    from surplus

)

select
    cast(
        case
            when inner_mongolia_mwh > 0
                then least(greatest(
                    cast(transfer_mwh - north_east_mwh as double) / inner_mongolia_mwh, 0
                ), 1)
            else 0
        end as decimal(9, 6)
    ) as north_east_share
from whole
