-- What the statistics leave out in a complete year: the national total less the series, shared
-- among provinces by weight. A series above the national total is not cut: the difference stays
-- in the published residual.
with series as (

    select
        technology,
        year,
        sum(energy_mwh) as energy_mwh
    from {{ ref('int_series_generation') }}
    group by technology, year

),

gap as (

    select
        national.technology,
        national.year,
        greatest(national.energy_mwh - coalesce(series.energy_mwh, 0), 0) as gap_mwh,
        national.source_id,
        national.known_at
    from {{ ref('int_national_total') }} as national
    inner join {{ ref('int_year_coverage') }} as coverage
        on national.year = coverage.year and coverage.is_complete
    left join series
        on national.technology = series.technology and national.year = series.year
    where national.technology in ('thermal', 'hydro', 'nuclear', 'wind', 'solar')

)

select
    weight.region_code,
    weight.technology,
    weight.year,
    cast({{ exact_share(
        'gap.gap_mwh', 'weight.weight', 'weight.technology, weight.year', 'weight.region_code'
    ) }} as decimal(38, 6)) as energy_mwh,
    gap.source_id,
    gap.known_at
from {{ ref('int_uncovered_weight') }} as weight
inner join gap
    on weight.technology = gap.technology and weight.year = gap.year
