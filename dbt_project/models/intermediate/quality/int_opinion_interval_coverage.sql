-- How often the official value lies in our 95 % interval, by kind of factor, basis and boundary.
-- The life-cycle average is compared at three boundaries of which one at most can be meant.
with compared as (

    select
        factor_kind || '.' || case
            when system_boundary = 'direct_combustion' then import_factor_basis
            when includes_td_losses then system_boundary || '_with_losses'
            else system_boundary
        end as detail,
        count(*) as official_values,
        count(*) filter (where is_inside_interval) as inside
    from {{ ref('official_comparison') }}
    group by all

)

select
    'interval_coverage' as metric,
    'CN' as region_code,
    make_date({{ var('release_month')[:4] }}, 1, 1) as period_start,
    last_day(cast('{{ var("release_month") }}-01' as date)) as period_end,
    detail,
    inside / official_values as value,
    'share of official values' as unit,
    {{ var('interval_coverage_warning') }} as threshold,
    case
        when inside < {{ var('interval_coverage_warning') }} * official_values then 'warning'
        else 'ok'
    end as status,
    inside || ' of ' || official_values || ' official values lie in our 95 % interval'
        as sentence_en,
    official_values || ' 个公布值中有 ' || inside || ' 个位于本库 95% 区间内' as sentence_zh
from compared
