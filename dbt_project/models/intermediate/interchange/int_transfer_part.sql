-- What a reported transfer sums: for each of its parts the corridors, with what they count for.
-- Between regions: one part, the exchange with the receivers. A province's gross export: its net
-- export. National sums: a part for every pair of regions, or for every province.
with report as (

    select
        constraint_id,
        sender_level,
        kind,
        from_region_code,
        to_region_codes
    from {{ ref('int_transfer_report') }}

),

receiver as (

    select
        constraint_id,
        from_region_code as sender,
        unnest(string_split(to_region_codes, '+')) as receiver
    from report
    where kind = 'interregional' and sender_level = 'grid_region'

),

corridor_end as (

    select
        from_region_code as region_code,
        from_region_code,
        to_region_code,
        1 as coefficient
    from {{ ref('stg_transmission_corridor') }}

    union all

    select
        to_region_code as region_code,
        from_region_code,
        to_region_code,
        -1 as coefficient
    from {{ ref('stg_transmission_corridor') }}

),

between_regions as (

    select
        receiver.constraint_id,
        'exchange' as part,
        corridor.from_region_code,
        corridor.to_region_code,
        sum(
            case
                when corridor.from_grid_code = receiver.sender then corridor.coefficient
                else -corridor.coefficient
            end
        ) as coefficient
    from receiver
    inner join {{ ref('int_region_corridor') }} as corridor
        on
            least(receiver.sender, receiver.receiver) = corridor.from_grid_code
            and greatest(receiver.sender, receiver.receiver) = corridor.to_grid_code
    group by all

),

every_pair as (

    select
        report.constraint_id,
        corridor.from_grid_code || '-' || corridor.to_grid_code as part,
        corridor.from_region_code,
        corridor.to_region_code,
        corridor.coefficient
    from report
    cross join {{ ref('int_region_corridor') }} as corridor
    where report.kind = 'interregional' and report.sender_level = 'nation'

),

of_provinces as (

    select
        report.constraint_id,
        corridor_end.region_code as part,
        corridor_end.from_region_code,
        corridor_end.to_region_code,
        corridor_end.coefficient
    from report
    inner join corridor_end
        on
            report.from_region_code = corridor_end.region_code
            or report.sender_level = 'nation'
    where report.kind = 'province_gross_export'

)

select
    constraint_id,
    part,
    from_region_code,
    to_region_code,
    cast(coefficient as decimal(9, 6)) as coefficient
from between_regions
where coefficient <> 0

union all

select
    constraint_id,
    part,
    from_region_code,
    to_region_code,
    cast(coefficient as decimal(9, 6)) as coefficient
from every_pair

union all

select
    constraint_id,
    part,
    from_region_code,
    to_region_code,
    cast(coefficient as decimal(9, 6)) as coefficient
from of_provinces
