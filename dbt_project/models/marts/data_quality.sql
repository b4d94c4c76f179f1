with closure as (

    select * from {{ ref('int_national_closure') }}
    where year <= {{ var('release_month')[:4] }}

),

set_aside as (

    select * from {{ ref('int_ytd_reading') }}
    where
        is_set_aside
        and period_month <= cast('{{ var("release_month") }}-01' as date)

),

balance as (

    select
        period_month,
        sum(generation_mwh) as generation_mwh,
        sum(consumption_mwh) as consumption_mwh
    from {{ ref('int_balance_month') }}
    group by period_month

),

open_balance as (

    select * from {{ ref('int_interchange_estimate') }}
    where
        kind = 'residual'
        and period_month <= cast('{{ var("release_month") }}-01' as date)

),

anchor as (

    select * from {{ ref('int_emission_anchor') }}
    where year <= {{ var('release_month')[:4] }}

),

completion as (

    select
        technology,
        year,
        method_id,
        sum(energy_mwh) as energy_mwh
    from {{ ref('int_generation_cell') }}
    where
        method_id not in ('reported', 'reported_step_shared')
        and period_month <= cast('{{ var("release_month") }}-01' as date)
    group by technology, year, method_id

),

deviation as (

    select
        method_id,
        avg(cast(abs(relative_deviation) as decimal(18, 8))) as mean_deviation,
        median(cast(abs(relative_deviation) as decimal(18, 8))) as median_deviation
    from {{ ref('official_comparison') }}
    where factor_kind = 'supply_average' and region_code like '%0000'
    group by method_id

),

share as (

    select * from {{ ref('int_inner_mongolia_share') }}

),

provisional as (

    select * from {{ ref('int_year_coverage') }}
    where not is_final and year <= {{ var('release_month')[:4] }}

),

metrics as (

    select
        'national_residual_share' as metric,
        'CN' as region_code,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        technology as detail,
        residual_share as value,
        'share of national total' as unit,
        {{ var('closure_tolerance') }} as threshold,
        case
            when abs(residual_share) > {{ var('closure_tolerance') }} then 'warning' else 'ok'
        end as status,
        'Provincial ' || technology || ' generation of ' || year || ' differs from the national'
        || ' total by ' || printf('%+.2f', residual_share * 100) || ' %' as sentence_en,
        year || '年分省' || technology || '发电量合计与全国总量相差 '
        || printf('%+.2f', residual_share * 100) || ' %' as sentence_zh
    from closure

    union all

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
    from set_aside

    union all

    select
        'consumption_scale' as metric,
        'CN' as region_code,
        period_month as period_start,
        last_day(period_month) as period_end,
        'total' as detail,
        cast(generation_mwh as double) / consumption_mwh as value,
        'ratio' as unit,
        null as threshold,
        'info' as status,
        'Consumption was scaled by this to close the national balance' as sentence_en,
        '为使全国电量平衡，用电量按此比例调整' as sentence_zh
    from balance
    where period_month <= cast('{{ var("release_month") }}-01' as date)

    union all

    select
        'open_balance' as metric,
        from_region_code as region_code,
        period_month as period_start,
        last_day(period_month) as period_end,
        'total' as detail,
        cast(energy_mwh as double) as value,
        'MWh' as unit,
        {{ var('open_balance_warning') }} * cast(capacity_mwh as double) as threshold,
        case
            when abs(energy_mwh) > {{ var('open_balance_warning') }} * capacity_mwh then 'warning'
            else 'ok'
        end as status,
        'Statistical difference of this balance: ' || printf(
            '%+.2f', cast(energy_mwh as double) / capacity_mwh * 100
        ) || ' % of consumption, which no flow can close' as sentence_en,
        '该省电量平衡的统计差额占用电量 ' || printf(
            '%+.2f', cast(energy_mwh as double) / capacity_mwh * 100
        ) || ' %，任何交换电量都无法消除' as sentence_zh
    from open_balance

    union all

    select
        'emission_anchor' as metric,
        'CN' as region_code,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        'official fossil-power factor of ' || coalesce(cast(official_year as varchar), 'none')
            as detail,
        cast(multiplier as double) as value,
        'ratio' as unit,
        null as threshold,
        'info' as status,
        'Intensities were multiplied by this to meet the official fossil-power factor'
            as sentence_en,
        '排放强度按此系数调整以符合公布的化石电力因子' as sentence_zh
    from anchor

    union all

    select
        'completed_generation' as metric,
        'CN' as region_code,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        technology || '.' || method_id as detail,
        cast(energy_mwh as double) as value,
        'MWh' as unit,
        null as threshold,
        'info' as status,
        'Generation that the provincial statistics leave out and that was completed'
            as sentence_en,
        '分省统计未覆盖、由推算补全的发电量' as sentence_zh
    from completion

    union all

    select
        'mean_absolute_deviation' as metric,
        'CN' as region_code,
        make_date({{ var('release_month')[:4] }}, 1, 1) as period_start,
        last_day(cast('{{ var("release_month") }}-01' as date)) as period_end,
        method_id as detail,
        mean_deviation as value,
        'share of official value' as unit,
        {{ var('deviation_warning') }} as threshold,
        case
            when mean_deviation > {{ var('deviation_warning') }} then 'warning' else 'ok'
        end as status,
        'Mean absolute deviation from the official provincial factors' as sentence_en,
        '与公布的省级因子的平均绝对偏差' as sentence_zh
    from deviation

    union all

    select
        'median_absolute_deviation' as metric,
        'CN' as region_code,
        make_date({{ var('release_month')[:4] }}, 1, 1) as period_start,
        last_day(cast('{{ var("release_month") }}-01' as date)) as period_end,
        method_id as detail,
        cast(median_deviation as double) as value,
        'share of official value' as unit,
        {{ var('deviation_warning') }} as threshold,
        case
            when median_deviation > {{ var('deviation_warning') }} then 'warning' else 'ok'
        end as status,
        'Median absolute deviation from the official provincial factors' as sentence_en,
        '与公布的省级因子的绝对偏差中位数' as sentence_zh
    from deviation

    union all

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
    from share

    union all

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
    from provisional

),

final as (

    select
        -- ids
        metric,
        region_code,
        period_start,
        period_end,
        detail,

        -- value
        cast(round_even(value, 8) as decimal(38, 8)) as value,
        unit,
        cast(threshold as decimal(38, 8)) as threshold,
        status,

        -- words
        sentence_en,
        sentence_zh
    from metrics

)

select *
from final
order by metric, region_code, period_start, period_end, detail
