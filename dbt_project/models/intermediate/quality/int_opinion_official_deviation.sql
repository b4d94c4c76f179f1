-- Mean and median absolute deviation of our provincial factors from the official ones.
with deviation as (

    select
        method_id,
        avg(cast(abs(relative_deviation) as decimal(18, 8))) as mean_deviation,
        median(cast(abs(relative_deviation) as decimal(18, 8))) as median_deviation
    from {{ ref('official_comparison') }}
    where factor_kind = 'supply_average' and region_code like '%0000'
    group by method_id

),

average as (

    select
        method_id,
        'mean_absolute_deviation' as metric,
        cast(mean_deviation as double) as value,
        'Mean' as word_en,
        '平均绝对偏差' as word_zh
    from deviation

    union all

    select
        method_id,
        'median_absolute_deviation' as metric,
        cast(median_deviation as double) as value,
        'Median' as word_en,
        '绝对偏差中位数' as word_zh
    from deviation

)

select
    metric,
    'CN' as region_code,
    make_date({{ var('release_month')[:4] }}, 1, 1) as period_start,
    last_day(cast('{{ var("release_month") }}-01' as date)) as period_end,
    method_id as detail,
    value,
    'share of official value' as unit,
    {{ var('deviation_warning') }} as threshold,
    case when value > {{ var('deviation_warning') }} then 'warning' else 'ok' end as status,
    word_en || ' absolute deviation from the official provincial factors' as sentence_en,
    '与公布的省级因子的' || word_zh as sentence_zh
from average
