-- Every cell that sampling draws: generation and CO2 intensity by province, month and technology,
-- and how well each is known (ln GSD, from the pedigree of its methods). A fuel moves with the
-- thermal statistic of its province and, by itself, with its share in it.
with quality as (

    select
        method_id,
        cast(relative_sd as double) as relative_sd
    from {{ ref('int_method_quality') }}

),

thermal as (

    select
        cell.region_code,
        cell.period_month,
        sum(cell.energy_mwh) as thermal_mwh,
        sum({{ energy(
            'pow(cast(cell.energy_mwh as double) * quality.relative_sd, 2)'
        ) }}) as variance_mwh2
    from {{ ref('int_generation_cell') }} as cell
    inner join quality on cell.method_id = quality.method_id
    where cell.technology = 'thermal'
    group by cell.region_code, cell.period_month

),

emission as (

    select
        emission.region_code,
        emission.period_month,
        emission.technology,
        emission.co2_kg,
        emission.method_id = 'unit_intensity' as is_anchored,
        quality.relative_sd
    from {{ ref('int_emission_month') }} as emission
    inner join quality on emission.method_id = quality.method_id

)

select
    generation.region_code,
    generation.year,
    generation.period_month,
    generation.technology,
    cast(generation.generation_mwh as double) as generation_mwh,
    coalesce(case
        when generation.technology in ('coal', 'gas', 'oil', 'biomass')
            then
                sqrt(cast(thermal.variance_mwh2 as double))
                / nullif(cast(thermal.thermal_mwh as double), 0)
        else
            sqrt(cast(generation.variance_mwh2 as double))
            / nullif(cast(generation.generation_mwh as double), 0)
    end, 0) as generation_sd,
    case
        when generation.technology in ('coal', 'gas', 'oil', 'biomass') then fuel.relative_sd
        else 0
    end as fuel_sd,
    coalesce(
        cast(emission.co2_kg as double) / nullif(cast(generation.generation_mwh as double), 0), 0
    ) as co2_kg_per_mwh,
    coalesce(emission.relative_sd, 0) as intensity_sd,
    coalesce(emission.is_anchored, false) as is_anchored
from {{ ref('int_generation_month') }} as generation
inner join quality as fuel on fuel.method_id = 'biproportional_fit'
left join thermal
    on
        generation.region_code = thermal.region_code
        and generation.period_month = thermal.period_month
left join emission
    on
        generation.region_code = emission.region_code
        and generation.period_month = emission.period_month
        and generation.technology = emission.technology
order by generation.period_month, generation.region_code, generation.technology
