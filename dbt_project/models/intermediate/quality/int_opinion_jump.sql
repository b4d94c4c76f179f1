-- How the generation average moves from month to month, against what water, wind and sun explain.
-- Two parts, each listed at its largest a year and wherever it passes its bound:
--   factor_jump_unexplained  change of the factor less intensity of the month before x change of
--                            the fossil share: what is left over is a change of fossil intensity
--   factor_jump_unseasonal   change of the fossil share less its median change at the same step of
--                            the calendar in the other years, x intensity: a step that neither dry
--                            season nor flood brings in other years
-- Warnings and no gates: droughts are real, and so are changes of a fleet.
with factor as (

    select
        region_code,
        period_start,
        cast(value as double) as value
    from {{ ref('electricity_factor') }}
    where
        factor_kind = 'generation_average'
        and gas_scope = 'CO2'
        and resolution = 'month'

),

fossil as (

    select
        region_code,
        period_start,
        cast(sum(case when technology in ('coal', 'gas', 'oil') then share else 0 end) as double)
            as fossil_share
    from {{ ref('electricity_mix') }}
    where resolution = 'month'
    group by region_code, period_start

),

region as (

    select * from {{ ref('stg_region') }}

),

series as (

    select
        factor.region_code,
        factor.period_start,
        extract(year from factor.period_start) as year,
        extract(month from factor.period_start) as month,
        factor.value,
        fossil.fossil_share,
        factor.value / nullif(fossil.fossil_share, 0) as intensity
    from factor
    inner join fossil
        on
            factor.region_code = fossil.region_code
            and factor.period_start = fossil.period_start

),

step as (

    select
        *,
        value - lag(value) over one_region as change,
        fossil_share - lag(fossil_share) over one_region as share_change,
        lag(intensity) over one_region as last_intensity
    from series
    window one_region as (partition by region_code order by period_start)

),

usual as (

    select
        step.region_code,
        step.period_start,
        median(other.share_change) as usual_share_change
    from step
    inner join step as other
        on
            step.region_code = other.region_code
            and step.month = other.month
            and step.year <> other.year
    group by step.region_code, step.period_start

),

measured as (

    select
        step.region_code,
        step.period_start,
        step.year,
        step.change,
        'factor_jump_unexplained' as metric,
        step.change - step.last_intensity * step.share_change as value,
        {{ var('jump_unexplained_warning') }} as threshold
    from step

    union all

    select
        step.region_code,
        step.period_start,
        step.year,
        step.change,
        'factor_jump_unseasonal' as metric,
        (step.share_change - usual.usual_share_change) * step.last_intensity as value,
        {{ var('jump_unseasonal_warning') }} as threshold
    from step
    inner join usual
        on step.region_code = usual.region_code and step.period_start = usual.period_start

),

-- Rounded before it is ranked: what is left over is often nothing but rounding.
rounded as (

    select
        metric,
        region_code,
        period_start,
        year,
        change,
        round_even(value, 8) as value,
        threshold
    from measured
    where value is not null

),

listed as (

    select *
    from rounded
    qualify
        abs(value) > threshold
        or row_number() over (
            partition by metric, year order by abs(value) desc, region_code asc, period_start asc
        ) = 1

)

select
    listed.metric,
    listed.region_code,
    listed.period_start,
    last_day(listed.period_start) as period_end,
    'generation_average' as detail,
    listed.value,
    'kgCO2/kWh' as unit,
    listed.threshold,
    case when abs(listed.value) > listed.threshold then 'warning' else 'ok' end as status,
    'The factor of ' || region.name_en || ' moved by ' || printf('%+.4f', listed.change)
    || ' from the month before; ' || printf('%+.4f', listed.value)
    || case
        when listed.metric = 'factor_jump_unexplained'
            then ' of it is not explained by the mix of technologies'
        else ' of it is not what this step of the year brings in other years'
    end as sentence_en,
    region.name_zh || '因子较上月变化 ' || printf('%+.4f', listed.change) || '，其中 '
    || printf('%+.4f', listed.value)
    || case
        when listed.metric = 'factor_jump_unexplained' then ' 不能由发电结构变化解释'
        else ' 与其他年份同期变化不符'
    end as sentence_zh
from listed
inner join region on listed.region_code = region.region_code
