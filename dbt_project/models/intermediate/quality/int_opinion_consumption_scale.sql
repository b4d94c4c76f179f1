-- The ratio by which consumption was scaled so that the nation's balance closes.
select
    'consumption_scale' as metric,
    'CN' as region_code,
    period_month as period_start,
    last_day(period_month) as period_end,
    'total' as detail,
    cast(sum(generation_mwh) as double) / sum(consumption_mwh) as value,
    'ratio' as unit,
    null as threshold,
    'info' as status,
    'Consumption was scaled by this to close the national balance' as sentence_en,
    '为使全国电量平衡，用电量按此比例调整' as sentence_zh
from {{ ref('int_balance_month') }}
where period_month <= cast('{{ var("release_month") }}-01' as date)
group by period_month
