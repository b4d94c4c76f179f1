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
        max(month) as last_month
    from statistic
    group by year

),

official as (

    select
        year,
        max(known_at) as official_known_at
    from {{ ref('stg_official_co2_factor') }}
    where factor_kind = 'fossil_power'
    group by year

),

official_series as (

    select coalesce(min(year), 9999) as first_year from official

)

select
    last_month.year,
    last_month.last_month,
    national.year is not null as has_national_total,
    official.year is not null as has_official_factor,
    last_month.last_month = 12 and national.year is not null as is_complete,
    -- The official series starts in some year; what came before it will not be published.
    last_month.last_month = 12
    and national.year is not null
    and (official.year is not null or last_month.year < official_series.first_year) as is_final
from last_month
cross join official_series
left join national on last_month.year = national.year
left join official on last_month.year = official.year
