-- Year-to-date values that stand above a later one of the same series.
select
    'year_to_date_fell' as metric,
    region_code,
    period_month as period_start,
    last_day(period_month) as period_end,
    flow || '.' || technology as detail,
    cast(energy_ytd_mwh - lowest_later_mwh as double) as value,
    'MWh' as unit,
    0 as threshold,
    'warning' as status,
    'The year-to-date value of ' || strftime(period_month, '%Y-%m') || ' stands above a later'
    || ' one; it was set aside and the later one used' as sentence_en,
    strftime(period_month, '%Y-%m') || ' 累计值高于其后累计值，已搁置并以后值为准' as sentence_zh
from {{ ref('int_ytd_reading') }}
where
    is_set_aside
    and period_month <= cast('{{ var("release_month") }}-01' as date)
