-- Months of the nowcast: national generation of the month against the same month a year before.
with month as (

    select
        period_month,
        sum(energy_mwh) as energy_mwh
    from {{ ref('int_generation_cell') }}
    group by period_month

)

select
    'nowcast_month' as metric,
    'CN' as region_code,
    month.period_month as period_start,
    last_day(month.period_month) as period_end,
    'seasonal profile x latest balance' as detail,
    cast(month.energy_mwh as double) / before.energy_mwh as value,
    'ratio' as unit,
    null as threshold,
    'info' as status,
    'No bulletin gives ' || strftime(month.period_month, '%Y-%m') || ' yet: it is a nowcast, the'
    || ' same month of the year before moved by the growth of the latest months' as sentence_en,
    strftime(month.period_month, '%Y-%m')
    || ' 尚无月报：按上年同月乘最近各月同比增速推算，为临近预报值' as sentence_zh
from month
inner join month as before
    on month.period_month = before.period_month + interval 1 year
where
    month.period_month in (select period_month from {{ ref('int_nowcast_month') }})
    and month.period_month <= cast('{{ var("release_month") }}-01' as date)
