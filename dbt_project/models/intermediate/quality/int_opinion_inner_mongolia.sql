-- The share of Inner Mongolia that belongs to the north-eastern grid.
select
    'inner_mongolia_north_east_share' as metric,
    '150000' as region_code,
    make_date({{ var('release_month')[:4] }}, 1, 1) as period_start,
    last_day(cast('{{ var("release_month") }}-01' as date)) as period_end,
    'GRID_NORTHEAST' as detail,
    cast(north_east_share as double) as value,
    'share of Inner Mongolia' as unit,
    null as threshold,
    'info' as status,
    'Share of Inner Mongolia that belongs to the north-eastern grid, from its reported transfer'
        as sentence_en,
    '由东北送华北电量推算的蒙东占全区比例' as sentence_zh
from {{ ref('int_inner_mongolia_share') }}
