-- Years whose factors are provisional, and what they still wait for.
select
    'provisional_year' as metric,
    'CN' as region_code,
    make_date(year, 1, 1) as period_start,
    make_date(year, 12, 31) as period_end,
    awaited_en as detail,
    last_month as value,
    'months known' as unit,
    12 as threshold,
    'info' as status,
    'Factors of ' || year || ' are provisional; not yet published: ' || awaited_en
    || '. The nearest year stands in' as sentence_en,
    year || '年因子为暂定值；尚未公布：' || awaited_zh || '，以最近年份代替' as sentence_zh
from {{ ref('int_year_coverage') }}
where not is_final and year <= {{ var('release_month')[:4] }}
