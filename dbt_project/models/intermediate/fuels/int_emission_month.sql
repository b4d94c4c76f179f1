-- CO2 of fossil generation by province, month and technology: from the fuel where it is given,
-- else from intensity x generation x anchor.
with intensity_based as (

    select
        month.region_code,
        month.technology,
        month.year,
        month.period_month,
        month.generation_mwh,
        {{ energy(
            'month.generation_mwh * 1000 * intensity.co2_kg_per_kwh * cast(anchor.multiplier as double)'
        ) }} as co2_kg,
        anchor.known_at
    from {{ ref('int_generation_month') }} as month
    inner join {{ ref('int_fossil_intensity') }} as intensity
        on
            month.region_code = intensity.region_code
            and month.year = intensity.year
            and month.technology = intensity.technology
    inner join {{ ref('int_emission_anchor') }} as anchor on month.year = anchor.year

),

-- A province's fuel CO2 is shared among its fossil technologies as the intensities have it.
fuel_based as (

    select
        intensity_based.region_code,
        intensity_based.technology,
        intensity_based.period_month,
        fuel.known_at,
        cast({{ exact_share(
            'fuel.co2_kg',
            'intensity_based.co2_kg',
            'intensity_based.region_code, intensity_based.period_month',
            'intensity_based.technology'
        ) }} as decimal(38, 6)) as co2_kg
    from intensity_based
    inner join {{ ref('int_fuel_based_emission') }} as fuel
        on
            intensity_based.region_code = fuel.region_code
            and intensity_based.period_month = fuel.period_month

)

select
    intensity_based.region_code,
    intensity_based.technology,
    intensity_based.year,
    intensity_based.period_month,
    coalesce(fuel_based.co2_kg, intensity_based.co2_kg) as co2_kg,
    case
        when fuel_based.co2_kg is null then 'unit_intensity' else 'fuel_based'
    end as method_id,
    coalesce(fuel_based.known_at, intensity_based.known_at) as known_at
from intensity_based
left join fuel_based
    on
        intensity_based.region_code = fuel_based.region_code
        and intensity_based.technology = fuel_based.technology
        and intensity_based.period_month = fuel_based.period_month
