-- Generation average: EF = Em / E, CO2 of the fossil fuel burnt for generation over generation of
-- all technologies (METHODS a, equations 1 and 2), with its variance to first order:
-- var = sum_t ((ef_t - EF) sd(E_t))^2 / E^2 + sum_t (sd(Em_t) / E)^2.
with area as (

    select * from {{ ref('int_area_period') }}

),

total as (

    select
        level,
        area_code,
        year,
        period_start,
        period_end,
        resolution,
        maturity,
        sum(generation_mwh) as generation_mwh,
        sum(reported_mwh) as reported_mwh,
        sum(co2_kg) as co2_kg,
        sum(dqr_mwh) as dqr_mwh,
        sum(dqr_co2_kg) as dqr_co2_kg,
        max(known_at) as known_at
    from area
    group by level, area_code, year, period_start, period_end, resolution, maturity
    having sum(generation_mwh) > 0

),

factor as (

    select
        *,
        cast(co2_kg as double) / generation_mwh / 1000 as value
    from total

),

variance as (

    select
        factor.area_code,
        factor.period_start,
        factor.resolution,
        cast(sum(cast(
            pow(
                coalesce(
                    cast(area.co2_kg as double) / nullif(area.generation_mwh, 0) / 1000, 0
                ) - factor.value, 2
            ) * cast(area.generation_variance_mwh2 as double)
            / pow(cast(factor.generation_mwh as double), 2)
            + cast(area.intensity_variance_t2 as double)
            / pow(cast(factor.generation_mwh as double), 2)
            as decimal(38, 18)
        )) as double) as variance
    from factor
    inner join area
        on
            factor.area_code = area.area_code
            and factor.period_start = area.period_start
            and factor.resolution = area.resolution
    group by factor.area_code, factor.period_start, factor.resolution

)

select
    factor.*,
    variance.variance,
    -- Quality of the activity data and of the intensities, each weighted by what it carries.
    case
        when factor.co2_kg > 0
            then (
                cast(factor.dqr_mwh as double) / factor.generation_mwh
                + cast(factor.dqr_co2_kg as double) / factor.co2_kg
            ) / 2
        else cast(factor.dqr_mwh as double) / factor.generation_mwh
    end as dqr
from factor
inner join variance
    on
        factor.area_code = variance.area_code
        and factor.period_start = variance.period_start
        and factor.resolution = variance.resolution
