-- Which years are complete: every month of the statistics is known, and so is the national total.
with statistic as (

    select * from {{ ref('int_monthly_statistic') }}
    where flow = 'generation' and technology in ('thermal', 'hydro', 'nuclear', 'solar')

),

national as (

    select distinct year from {{ ref('int_national_total') }}

),

last_month as (

    select
        year,
        -- A month of the nowcast is not known.
        coalesce(max(month) filter (where method_id <> 'nowcast_seasonal'), 0) as last_month
    from statistic
    group by year

),

official as (

    select
        year,
        max(known_at) as official_known_at
    from {{ ref('stg_official_co2_factor') }}
    where
        factor_kind = 'fossil_power'
        -- A factor that stands in before its publication does not make a year final.
        and known_at <= (select parameters_as_of from {{ ref('stg_as_of') }})
    group by year

),

official_series as (

    select coalesce(min(year), 9999) as first_year
    from {{ ref('stg_official_co2_factor') }}
    where factor_kind = 'fossil_power'

),

judged as (

    select
        last_month.year,
        last_month.last_month,
        national.year is not null as has_national_total,
        -- The official series starts in some year; what came before it will not be published.
        official.year is not null
        or last_month.year < official_series.first_year as has_official_factor
    from last_month
    cross join official_series
    left join national on last_month.year = national.year
    left join official on last_month.year = official.year

)

select
    year,
    last_month,
    has_national_total,
    has_official_factor,
    last_month = 12 and has_national_total as is_complete,
    last_month = 12 and has_national_total and has_official_factor as is_final,
    concat_ws(
        ', ',
        case when last_month < 12 then 'bulletins after month ' || last_month end,
        case when not has_national_total then 'the national total of generation' end,
        case when not has_official_factor then 'the official fossil-power factor' end
    ) as awaited_en,
    concat_ws(
        '、',
        case when last_month < 12 then last_month || '月以后的月报' end,
        case when not has_national_total then '全国发电总量' end,
        case when not has_official_factor then '公布的化石电力因子' end
    ) as awaited_zh
from judged
