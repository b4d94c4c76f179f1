-- Generation against capacity x hours of the month: the highest ratio of each technology and year,
-- every ratio above one, and the generation whose capacity is not known. A little above one is a
-- warning, as nameplates are rounded and turbines run above them (nuclear, 1.06 at most); far above
-- one is another unit and stops the release (test generation_lies_within_capacity).
with ratio as (

    select * from {{ ref('int_capacity_ratio') }}

),

region as (

    select * from {{ ref('stg_region') }}

),

highest as (

    select
        ratio.*,
        region.name_en,
        region.name_zh
    from ratio
    inner join region on ratio.region_code = region.region_code
    where ratio.ratio is not null
    qualify
        ratio.ratio > 1
        or row_number() over (
            partition by ratio.technology, ratio.year
            order by ratio.ratio desc, ratio.region_code asc, ratio.period_month asc
        ) = 1

),

unknown as (

    select
        region_code,
        technology,
        year,
        min(period_month) as first_month,
        max(period_month) as last_month,
        sum(generation_mwh) as generation_mwh
    from ratio
    where ratio is null
    group by region_code, technology, year

)

select
    'capacity_hours_ratio' as metric,
    region_code,
    period_month as period_start,
    last_day(period_month) as period_end,
    technology as detail,
    ratio as value,
    'share of capacity x hours' as unit,
    1 as threshold,
    case when ratio > 1 then 'warning' else 'ok' end as status,
    name_en || ' generated ' || printf('%.1f', ratio * 100) || ' % of what its ' || technology
    || ' capacity of ' || printf('%.0f', capacity_mw) || ' MW makes in all hours of the month'
        as sentence_en,
    name_zh || technology || '发电量为装机 ' || printf('%.0f', capacity_mw)
    || ' MW 全月满发电量的 ' || printf('%.1f', ratio * 100) || ' %' as sentence_zh
from highest

union all

select
    'capacity_unknown' as metric,
    region_code,
    first_month as period_start,
    last_day(last_month) as period_end,
    technology as detail,
    cast(generation_mwh as double) as value,
    'MWh' as unit,
    null as threshold,
    'info' as status,
    'No ' || technology || ' capacity is known of this province, so nothing bounds its generation'
        as sentence_en,
    '该省' || technology || '装机未知，发电量无上限可比' as sentence_zh
from unknown
