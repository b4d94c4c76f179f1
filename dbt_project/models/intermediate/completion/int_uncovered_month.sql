-- The year's uncovered generation by month: as the province's own series, or as the nation's
-- where the province has none. Years that are not complete yet take the same month of the last
-- complete year, moved by the national series.
with coverage as (

    select * from {{ ref('int_year_coverage') }}

),

series as (

    select
        region_code,
        technology,
        year,
        month,
        period_month,
        energy_mwh
    from {{ ref('int_series_generation') }}

),

national as (

    select
        technology,
        year,
        month,
        period_month,
        sum(energy_mwh) as energy_mwh
    from series
    group by technology, year, month, period_month

),

has_own_series as (

    select
        region_code,
        technology,
        year
    from series
    group by region_code, technology, year
    having count(*) = 12 and sum(energy_mwh) > 0

),

profile as (

    select
        uncovered.region_code,
        uncovered.technology,
        uncovered.year,
        national.month,
        national.period_month,
        uncovered.energy_mwh as year_mwh,
        uncovered.source_id,
        uncovered.known_at,
        case
            when has_own_series.year is not null then coalesce(series.energy_mwh, 0)
            else national.energy_mwh
        end as weight
    from {{ ref('int_uncovered_year') }} as uncovered
    inner join national
        on uncovered.technology = national.technology and uncovered.year = national.year
    left join has_own_series
        on
            uncovered.region_code = has_own_series.region_code
            and uncovered.technology = has_own_series.technology
            and uncovered.year = has_own_series.year
    left join series
        on
            uncovered.region_code = series.region_code
            and uncovered.technology = series.technology
            and uncovered.year = series.year
            and national.month = series.month

),

complete as (

    select
        region_code,
        technology,
        year,
        month,
        period_month,
        cast({{ exact_share(
            'year_mwh', 'weight', 'region_code, technology, year', 'month'
        ) }} as decimal(38, 6)) as energy_mwh,
        cast(null as integer) as carried_from_year,
        source_id,
        known_at
    from profile

),

base_year as (

    select
        coverage.year,
        max(complete_year.year) as base_year
    from coverage
    inner join coverage as complete_year
        on coverage.year > complete_year.year and complete_year.is_complete
    where not coverage.is_complete
    group by coverage.year

),

carried as (

    select
        complete.region_code,
        complete.technology,
        national.year,
        national.month,
        national.period_month,
        {{ energy(
            'complete.energy_mwh * cast(national.energy_mwh as double) / base.energy_mwh'
        ) }} as energy_mwh,
        base_year.base_year as carried_from_year,
        complete.source_id,
        complete.known_at
    from base_year
    inner join national on base_year.year = national.year
    inner join national as base
        on
            base_year.base_year = base.year
            and national.technology = base.technology
            and national.month = base.month
    inner join complete
        on
            base_year.base_year = complete.year
            and national.technology = complete.technology
            and national.month = complete.month
    where base.energy_mwh > 0

)

select
    *,
    'uncovered_share_of_national_gap' as method_id
from complete

union all

select
    *,
    'uncovered_carried_from_complete_year' as method_id
from carried
