-- How far the completed provinces are from the national total, by technology and complete year.
with completed as (

    select
        technology,
        year,
        sum(generation_mwh) as generation_mwh
    from {{ ref('int_generation_month') }}
    group by technology, year

)

select
    completed.technology,
    completed.year,
    completed.generation_mwh,
    national.energy_mwh as national_mwh,
    completed.generation_mwh - national.energy_mwh as residual_mwh,
    cast(completed.generation_mwh - national.energy_mwh as double)
    / national.energy_mwh as residual_share
from completed
inner join {{ ref('int_national_total') }} as national
    on completed.technology = national.technology and completed.year = national.year
inner join {{ ref('int_year_coverage') }} as coverage
    on completed.year = coverage.year and coverage.is_complete
