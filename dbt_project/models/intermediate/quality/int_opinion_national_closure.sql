-- How far the completed provinces are from the national total of each technology and year.
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
from {{ ref('int_national_closure') }}
where year <= {{ var('release_month')[:4] }}
