-- Net flows between grid regions by month, and by year as `interchange_treatment` says. Inner
-- Mongolia counts to the north; what its north-eastern part sends there is that part's surplus less
-- what Inner Mongolia sends to the north-east itself.
with province_flow as (

    select
        from_region_code,
        to_region_code,
        period_month,
        energy_mwh
    from {{ ref('int_interchange_estimate') }}
    where kind = 'flow'

),

province_grid as (

    select
        region_code,
        grid_region_code
    from {{ ref('stg_grid_region') }}
    where region_code like '%0000'

),

located as (

    select
        flow.period_month,
        flow.energy_mwh,
        -- Within the north-east, Inner Mongolia's end is its north-eastern part.
        case
            when flow.from_region_code = '150000' and arrival.grid_region_code = 'GRID_NORTHEAST'
                then 'GRID_NORTHEAST'
            else start.grid_region_code
        end as from_grid,
        case
            when flow.to_region_code = '150000' and start.grid_region_code = 'GRID_NORTHEAST'
                then 'GRID_NORTHEAST'
            else arrival.grid_region_code
        end as to_grid,
        case
            when flow.from_region_code = '150000' and arrival.grid_region_code = 'GRID_NORTHEAST'
                then flow.energy_mwh
            when flow.to_region_code = '150000' and start.grid_region_code = 'GRID_NORTHEAST'
                then -flow.energy_mwh
            else 0
        end as inner_mongolia_to_north_east_mwh
    from province_flow as flow
    inner join province_grid as start on flow.from_region_code = start.region_code
    inner join province_grid as arrival on flow.to_region_code = arrival.region_code

),

inner_mongolia_surplus as (

    select
        period_month,
        {{ energy(
            '-net_import_mwh * cast(share.north_east_share as double)'
        ) }} as energy_mwh
    from {{ ref('int_balance_month') }}
    cross join {{ ref('int_inner_mongolia_share') }} as share
    where region_code = '150000' and share.north_east_share > 0

),

sent_within_north_east as (

    select
        period_month,
        sum(inner_mongolia_to_north_east_mwh) as energy_mwh
    from located
    group by period_month

),

crossing as (

    select
        period_month,
        least(from_grid, to_grid) as from_region_code,
        greatest(from_grid, to_grid) as to_region_code,
        case when from_grid < to_grid then energy_mwh else -energy_mwh end as energy_mwh
    from located
    where from_grid <> to_grid

    union all

    select
        surplus.period_month,
        'GRID_NORTH' as from_region_code,
        'GRID_NORTHEAST' as to_region_code,
        sent.energy_mwh - surplus.energy_mwh as energy_mwh
    from inner_mongolia_surplus as surplus
    inner join sent_within_north_east as sent on surplus.period_month = sent.period_month

),

flow as (

    select
        from_region_code,
        to_region_code,
        period_month,
        cast(sum(energy_mwh) as decimal(38, 6)) as energy_mwh
    from crossing
    group by from_region_code, to_region_code, period_month

),

by_year as (

    {{ year_of_flows('flow', ['energy_mwh']) }}

)

select
    from_region_code,
    to_region_code,
    period_month as period_start,
    last_day(period_month) as period_end,
    'month' as resolution,
    energy_mwh
from flow

union all

select
    from_region_code,
    to_region_code,
    period_start,
    period_end,
    resolution,
    cast(energy_mwh as decimal(38, 6)) as energy_mwh
from by_year
