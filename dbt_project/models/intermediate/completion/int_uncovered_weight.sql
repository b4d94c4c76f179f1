-- Where the generation that the statistics leave out is to be found, a weight by province, for
-- each complete year. The national gap is shared by these weights.
--   solar    capacity of all plants x hours, less the above-scale series
--   hydro    half as the reported series (small hydro stands where hydro stands), half as capacity
--            x the nation's mean hours less the series (it stands where capacity is not matched):
--            two weak indications, neither better than the other
--   wind     as the completed series
--   nuclear  the provinces whose series is known to be missing
--   thermal  thermal capacity that is no coal unit: biomass, waste, small and captive plants
with series as (

    select
        region_code,
        technology,
        year,
        sum(energy_mwh) as energy_mwh
    from {{ ref('int_series_generation') }}
    group by region_code, technology, year

),

complete_year as (

    select year from {{ ref('int_year_coverage') }}
    where is_complete

),

solar_capacity as (

    select
        december.region_code,
        december.year,
        (coalesce(before.capacity_mw, december.capacity_mw) + december.capacity_mw)
        / 2 as mean_capacity_mw
    from {{ ref('stg_capacity_utilisation') }} as december
    left join {{ ref('stg_capacity_utilisation') }} as before
        on
            december.region_code = before.region_code
            and december.technology = before.technology
            and december.scope = before.scope
            and december.year = before.year + 1
            and before.month = 12
    where
        december.technology = 'solar' and december.scope = 'all' and december.month = 12

),

-- Hours to November stand for the year where the year's own are not published: the hours of the
-- eleven months and one month more at their mean.
solar_hours as (

    select
        region_code,
        year,
        arg_max(utilisation_hours_ytd * 12 / month, month) as hours
    from {{ ref('stg_capacity_utilisation') }}
    where technology = 'solar' and utilisation_hours_ytd is not null
    group by region_code, year

),

solar as (

    select
        solar_capacity.region_code,
        'solar' as technology,
        solar_capacity.year,
        greatest(
            {{ energy('solar_capacity.mean_capacity_mw * solar_hours.hours') }}
            - coalesce(series.energy_mwh, 0), 0
        ) as weight
    from solar_capacity
    inner join solar_hours
        on
            solar_capacity.region_code = solar_hours.region_code
            and solar_capacity.year = solar_hours.year
    left join series
        on
            solar_capacity.region_code = series.region_code
            and solar_capacity.year = series.year
            and series.technology = 'solar'

),

national_hydro_hours as (

    select
        national.year,
        cast(national.energy_mwh as double)
        / cast(sum(cast(capacity.capacity_mw as decimal(18, 3))) as double) as hours
    from {{ ref('int_national_total') }} as national
    inner join {{ ref('stg_capacity_utilisation') }} as capacity
        on
            national.year = capacity.year
            and national.technology = capacity.technology
            and capacity.month = 12
    where national.technology = 'hydro' and capacity.scope = 'above_6mw'
    group by national.year, national.energy_mwh

),

unmatched_hydro as (

    select
        series.region_code,
        series.year,
        series.energy_mwh,
        greatest(
            {{ energy('coalesce(capacity.capacity_mw, 0) * national_hydro_hours.hours') }}
            - series.energy_mwh, 0
        ) as unmatched_mwh
    from series
    inner join national_hydro_hours on series.year = national_hydro_hours.year
    left join {{ ref('stg_capacity_utilisation') }} as capacity
        on
            series.region_code = capacity.region_code
            and series.technology = capacity.technology
            and series.year = capacity.year
            and capacity.scope = 'above_6mw'
            and capacity.month = 12
    where series.technology = 'hydro'

),

hydro as (

    select
        region_code,
        'hydro' as technology,
        year,
        {{ energy(
            '1e9 * (cast(energy_mwh as double) / sum(energy_mwh) over by_year'
            ~ ' + coalesce(cast(unmatched_mwh as double)'
            ~ ' / nullif(sum(unmatched_mwh) over by_year, 0), 0))'
        ) }} as weight
    from unmatched_hydro
    window by_year as (partition by year)

),

nuclear as (

    select
        missing_series.region_code,
        missing_series.technology,
        complete_year.year,
        cast(1 as decimal(38, 6)) as weight
    from {{ ref('missing_series') }} as missing_series
    cross join complete_year

),

thermal as (

    select
        region_code,
        'thermal' as technology,
        year,
        {{ energy('thermal_mwh * other_share') }} as weight
    from {{ ref('int_thermal_structure') }}

),

proportional as (

    select
        region_code,
        technology,
        year,
        energy_mwh as weight
    from series
    where technology = 'wind'

),

weights as (

    select * from solar
    union all
    select * from hydro
    union all
    select * from nuclear
    union all
    select * from thermal
    union all
    select * from proportional

)

select weights.*
from weights
inner join complete_year on weights.year = complete_year.year
where weights.weight > 0
