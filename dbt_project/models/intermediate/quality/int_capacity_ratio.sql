-- Generation of each province, statistical technology and month over what its capacity could make
-- in all hours of the month. Capacity is known for a few months a year: the larger of the last
-- value before and the first after the month bounds what ran in it, whether units came or went.
with generation as (

    select
        region_code,
        case
            when technology in ('coal', 'gas', 'oil', 'biomass') then 'thermal' else technology
        end as technology,
        year,
        period_month,
        sum(generation_mwh) as generation_mwh
    from {{ ref('int_generation_month') }}
    where period_month <= cast('{{ var("release_month") }}-01' as date)
    group by all
    having sum(generation_mwh) > 0

),

-- Of solar only the scope of all plants bounds all of its generation.
capacity as (

    select
        region_code,
        technology,
        period_month,
        max(capacity_mw) as capacity_mw
    from {{ ref('stg_capacity_utilisation') }}
    where capacity_mw > 0 and (scope = 'all' or technology <> 'solar')
    group by region_code, technology, period_month

),

bounded as (

    select
        generation.region_code,
        generation.technology,
        generation.year,
        generation.period_month,
        generation.generation_mwh,
        max(before.capacity_mw) as capacity_before_mw,
        max(after.capacity_mw) as capacity_after_mw
    from generation
    asof left join capacity as before
        on
            generation.region_code = before.region_code
            and generation.technology = before.technology
            and generation.period_month >= before.period_month
    asof left join capacity as after
        on
            generation.region_code = after.region_code
            and generation.technology = after.technology
            and generation.period_month <= after.period_month
    group by all

),

limited as (

    select
        *,
        greatest(
            coalesce(capacity_before_mw, capacity_after_mw),
            coalesce(capacity_after_mw, capacity_before_mw)
        ) as capacity_mw,
        24 * extract(day from last_day(period_month)) as hours
    from bounded

)

select
    region_code,
    technology,
    year,
    period_month,
    generation_mwh,
    capacity_mw,
    hours,
    -- Until a capacity after the month is published, new units may have run that no figure shows.
    capacity_after_mw is not null as is_bounded,
    cast(generation_mwh as double) / (capacity_mw * hours) as ratio
from limited
