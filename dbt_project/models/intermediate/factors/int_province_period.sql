-- Generation and its emissions by province, period and technology: combustion gases of the fossil
-- technologies, life-cycle CO2e of all. Errors of one cell are taken to point the same way in every
-- month of a year, so that standard deviations add over months.
with generation as (

    select * from {{ ref('int_generation_month') }}

),

emission as (

    select
        emission.region_code,
        emission.technology,
        emission.period_month,
        emission.co2_kg,
        {% for part in quality_parts() %}
            quality.{{ part }},
        {% endfor %}
        emission.known_at
    from {{ ref('int_emission_month') }} as emission
    inner join {{ ref('int_method_quality') }} as quality
        on emission.method_id = quality.method_id

),

gas as (

    select
        technology,
        max(case when gas = 'ch4' then kg_per_co2_kg end) as ch4_per_co2,
        max(case when gas = 'n2o' then kg_per_co2_kg end) as n2o_per_co2
    from {{ ref('int_combustion_gas') }}
    group by technology

),

life_cycle as (

    select
        life_cycle.technology,
        life_cycle.year,
        {% for part in quality_parts() %}
            quality.{{ part }},
        {% endfor %}
        life_cycle.co2e_kg_per_kwh
    from {{ ref('int_life_cycle_factor') }} as life_cycle
    inner join {{ ref('int_method_quality') }} as quality
        on life_cycle.method_id = quality.method_id

),

month as (

    select
        generation.*,
        coalesce(emission.co2_kg, 0) as co2_kg,
        {{ energy('coalesce(emission.co2_kg * gas.ch4_per_co2, 0)') }} as ch4_kg,
        {{ energy('coalesce(emission.co2_kg * gas.n2o_per_co2, 0)') }} as n2o_kg,
        {{ energy('generation.generation_mwh * 1000 * life_cycle.co2e_kg_per_kwh') }}
            as lca_co2e_kg,
        {% for part in quality_parts() %}
            cast(
                coalesce(emission.co2_kg * emission.{{ part }}, 0) as decimal(38, 6)
            ) as {{ part }}_score_co2_kg,
            cast(
                generation.generation_mwh * 1000 * life_cycle.co2e_kg_per_kwh
                * life_cycle.{{ part }} as decimal(38, 6)
            ) as {{ part }}_score_lca_kg,
        {% endfor %}
        greatest(
            generation.known_at, coalesce(emission.known_at, generation.known_at)
        ) as emission_known_at
    from generation
    inner join life_cycle
        on
            generation.technology = life_cycle.technology
            and generation.year = life_cycle.year
    left join emission
        on
            generation.region_code = emission.region_code
            and generation.technology = emission.technology
            and generation.period_month = emission.period_month
    left join gas on generation.technology = gas.technology

),

period as (

    select * from {{ ref('int_period') }}

)

select
    month.region_code,
    month.technology,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity,
    {% for quantity in carried_quantities() %}
        sum(month.{{ quantity }}) as {{ quantity }},
    {% endfor %}
    sum({{ energy('sqrt(cast(month.variance_mwh2 as double))') }}) as generation_sd_mwh,
    arg_max(month.method_id, (month.generation_mwh, month.method_id)) as method_id,
    max(month.emission_known_at) as known_at
from month
inner join period
    on month.period_month between period.period_start and period.period_end
group by
    month.region_code,
    month.technology,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity
