-- Identities of the official definitions, theirs beside ours, nation and year:
--   fossil_share         average / fossil: the share of fossil generation
--   market_traded_share  1 - average / residual: the share of claimed non-fossil electricity
-- Warnings: the official shares rest on other statistics. That our own values keep the identities
-- and their order is a gate (invariants of identities).
with factor as (

    select
        extract(year from period_start) as year,
        factor_kind,
        cast(value as double) as value
    from {{ ref('electricity_factor') }}
    where
        region_code = 'CN'
        and resolution = 'year'
        and gas_scope = 'CO2'
        and (
            factor_kind in ('fossil_power', 'residual_mix')
            or (factor_kind = 'supply_average' and import_factor_basis = 'network')
        )

),

official as (

    select
        year,
        factor_kind,
        value_kg_per_kwh as value
    from {{ ref('stg_official_co2_factor') }}
    where
        region_code = 'CN'
        and year <= {{ var('release_month')[:4] }}

),

value_list as (

    select
        'derived' as origin,
        year,
        factor_kind,
        value
    from factor

    union all

    select
        'official' as origin,
        year,
        factor_kind,
        value
    from official

),

beside as (

    select
        origin,
        year,
        max(case when factor_kind = 'supply_average' then value end) as average,
        max(case when factor_kind = 'fossil_power' then value end) as fossil,
        max(case when factor_kind = 'residual_mix' then value end) as residual
    from value_list
    group by origin, year

),

share as (

    select
        'fossil_share' as metric,
        origin,
        year,
        average / fossil as value
    from beside

    union all

    select
        'market_traded_share' as metric,
        origin,
        year,
        1 - average / residual as value
    from beside

),

compared as (

    select
        *,
        max(case when origin = 'official' then value end) over (
            partition by metric, year
        ) as official_value
    from share
    where value is not null

)

select
    metric,
    'CN' as region_code,
    make_date(year, 1, 1) as period_start,
    make_date(year, 12, 31) as period_end,
    origin as detail,
    value,
    'share of generation' as unit,
    case when origin = 'derived' then {{ var('identity_tolerance') }} end as threshold,
    case
        when origin = 'official' or official_value is null then 'info'
        when abs(value - official_value) > {{ var('identity_tolerance') }} then 'warning'
        else 'ok'
    end as status,
    case metric
        when 'fossil_share' then 'Average over fossil factor of ' || year || ': '
        else 'One less average over residual factor of ' || year || ': '
    end
    || printf('%.4f', value)
    || case
        when origin = 'official' then ' of the official values'
        when official_value is null then ', no official values'
        else ', official ' || printf('%.4f', official_value)
    end as sentence_en,
    year || case metric
        when 'fossil_share' then '年平均因子与化石因子之比（化石电量占比）'
        else '年市场化非化石电量占比（1 减平均因子与剩余因子之比）'
    end
    || printf('%.4f', value)
    || case
        when origin = 'official' then '（公布值）'
        when official_value is null then '（无公布值）'
        else '，公布值 ' || printf('%.4f', official_value)
    end as sentence_zh
from compared
