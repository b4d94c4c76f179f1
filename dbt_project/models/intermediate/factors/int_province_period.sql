-- Generation and CO2 by province, period and technology. Errors of one cell are taken to point
-- the same way in every month of a year, so that standard deviations add over months.
with generation as (

    select * from {{ ref('int_generation_month') }}

),

emission as (

    select
        emission.*,
        quality.relative_sd,
        quality.dqr
    from {{ ref('int_emission_month') }} as emission
    inner join {{ ref('int_method_quality') }} as quality
        on emission.method_id = quality.method_id

),

period as (

    select * from {{ ref('int_period') }}

)

select
    generation.region_code,
    generation.technology,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity,
    sum(generation.generation_mwh) as generation_mwh,
    sum(generation.reported_mwh) as reported_mwh,
    sum(generation.dqr_mwh) as dqr_mwh,
    sum(
        {{ energy('sqrt(cast(generation.variance_mwh2 as double))') }}
    ) as generation_sd_mwh,
    arg_max(
        generation.method_id, (generation.generation_mwh, generation.method_id)
    ) as method_id,
    sum(coalesce(emission.co2_kg, 0)) as co2_kg,
    sum({{ energy('coalesce(emission.co2_kg, 0) * coalesce(emission.relative_sd, 0)') }})
        as intensity_sd_kg,
    sum({{ energy('coalesce(emission.co2_kg, 0) * coalesce(emission.dqr, 0)') }}) as dqr_co2_kg,
    max(greatest(
        generation.known_at, coalesce(emission.known_at, generation.known_at)
    )) as known_at
from generation
inner join period
    on generation.period_month between period.period_start and period.period_end
left join emission
    on
        generation.region_code = emission.region_code
        and generation.technology = emission.technology
        and generation.period_month = emission.period_month
group by
    generation.region_code,
    generation.technology,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity
