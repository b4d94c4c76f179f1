-- Generation by province, month and technology, whole: statistical technologies as completed,
-- thermal split by fuel. Years whose fuels cannot be fitted yet take the last fitted year.
with cell as (

    select
        cell.*,
        quality.relative_sd,
        quality.dqr,
        quality.quality_tier
    from {{ ref('int_generation_cell') }} as cell
    inner join {{ ref('int_method_quality') }} as quality on cell.method_id = quality.method_id

),

statistic as (

    select
        region_code,
        technology,
        year,
        month,
        period_month,
        sum(energy_mwh) as generation_mwh,
        sum(case when method_id = 'reported' then energy_mwh else 0 end) as reported_mwh,
        sum(cast(energy_mwh * dqr as decimal(38, 6))) as dqr_mwh,
        sum(
            cast(pow(cast(energy_mwh as double) * relative_sd, 2) as decimal(38, 6))
        ) as variance_mwh2,
        arg_max(method_id, (energy_mwh, method_id)) as main_method_id,
        max(known_at) as known_at
    from cell
    group by region_code, technology, year, month, period_month

),

fitted_year as (

    select
        statistic.year,
        max(fitted.year) as fitted_year
    from statistic
    left join {{ ref('int_fuel_share') }} as fitted on statistic.year >= fitted.year
    group by statistic.year

),

fuel_of_thermal as (

    select
        statistic.region_code,
        fuel.technology,
        statistic.year,
        statistic.month,
        statistic.period_month,
        cast({{ exact_share(
            'statistic.generation_mwh',
            'fuel.share',
            'statistic.region_code, statistic.period_month',
            'fuel.technology'
        ) }} as decimal(38, 6)) as generation_mwh,
        -- The energy was reported; which fuel made it was not.
        {{ energy('statistic.reported_mwh * cast(fuel.share as double)') }} as reported_mwh,
        statistic.known_at
    from statistic
    inner join fitted_year on statistic.year = fitted_year.year
    inner join {{ ref('int_fuel_share') }} as fuel
        on
            statistic.region_code = fuel.region_code
            and fitted_year.fitted_year = fuel.year
    where statistic.technology = 'thermal'

)

select
    region_code,
    technology,
    year,
    month,
    period_month,
    generation_mwh,
    reported_mwh,
    dqr_mwh,
    variance_mwh2,
    main_method_id as method_id,
    known_at
from statistic
where technology <> 'thermal'

union all

select
    fuel_of_thermal.region_code,
    fuel_of_thermal.technology,
    fuel_of_thermal.year,
    fuel_of_thermal.month,
    fuel_of_thermal.period_month,
    fuel_of_thermal.generation_mwh,
    fuel_of_thermal.reported_mwh,
    cast(fuel_of_thermal.generation_mwh * quality.dqr as decimal(38, 6)) as dqr_mwh,
    cast(
        pow(cast(fuel_of_thermal.generation_mwh as double) * quality.relative_sd, 2)
        as decimal(38, 6)
    ) as variance_mwh2,
    quality.method_id,
    fuel_of_thermal.known_at
from fuel_of_thermal
inner join {{ ref('int_method_quality') }} as quality
    on quality.method_id = 'biproportional_fit'
