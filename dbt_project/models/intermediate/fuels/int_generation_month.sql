-- Generation by province, month and technology, whole: statistical technologies as completed,
-- thermal split by fuel. Years whose fuels cannot be fitted yet take the last fitted year. What
-- is reported, completed and modelled of the energy, and its quality scores times the energy, go
-- along. What pumped hydro gave back is no generation.
{% set evidence = ['reported', 'completed', 'modelled'] %}

with cell as (

    select
        cell.region_code,
        cell.technology,
        cell.year,
        cell.month,
        cell.period_month,
        cell.method_id,
        cell.energy_mwh,
        {% for part in quality_parts() %}
            quality.{{ part }},
        {% endfor %}
        quality.relative_sd,
        quality.evidence,
        cell.known_at
    from {{ ref('int_primary_cell') }} as cell
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
        {% for name in evidence %}
            sum(case when evidence = '{{ name }}' then energy_mwh else 0 end) as {{ name }}_mwh,
        {% endfor %}
        {% for part in quality_parts() %}
            sum(cast(energy_mwh * {{ part }} as decimal(38, 6))) as {{ part }}_score_mwh,
        {% endfor %}
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
        {% for name in evidence %}
            cast({{ exact_share(
                'statistic.' ~ name ~ '_mwh',
                'fuel.share',
                'statistic.region_code, statistic.period_month',
                'fuel.technology'
            ) }} as decimal(38, 6)) as {{ name }}_mwh,
        {% endfor %}
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
    {% for name in evidence %}
        {{ name }}_mwh,
    {% endfor %}
    {% for part in quality_parts() %}
        {{ part }}_score_mwh,
    {% endfor %}
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
    {% for name in evidence %}
        fuel_of_thermal.{{ name }}_mwh,
    {% endfor %}
    {% for part in quality_parts() %}
        cast(
            fuel_of_thermal.generation_mwh * quality.{{ part }} as decimal(38, 6)
        ) as {{ part }}_score_mwh,
    {% endfor %}
    cast(
        pow(cast(fuel_of_thermal.generation_mwh as double) * quality.relative_sd, 2)
        as decimal(38, 6)
    ) as variance_mwh2,
    quality.method_id,
    fuel_of_thermal.known_at
from fuel_of_thermal
inner join {{ ref('int_method_quality') }} as quality
    on quality.method_id = 'biproportional_fit'
