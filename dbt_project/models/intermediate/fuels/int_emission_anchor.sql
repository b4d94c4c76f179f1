-- One number a year: what the intensities are multiplied with so that the nation meets the
-- official fossil-power factor (of that year, or of the nearest that is published). Provinces
-- that give their fuel are left as they are; the others carry the difference. 1 when switched off.
with generation as (

    select
        month.region_code,
        month.year,
        month.period_month,
        sum(month.generation_mwh) as fossil_mwh,
        sum(
            {{ energy('month.generation_mwh * 1000 * intensity.co2_kg_per_kwh') }}
        ) as intensity_co2_kg
    from {{ ref('int_generation_month') }} as month
    inner join {{ ref('int_fossil_intensity') }} as intensity
        on
            month.region_code = intensity.region_code
            and month.year = intensity.year
            and month.technology = intensity.technology
    group by month.region_code, month.year, month.period_month

),

national as (

    select
        generation.year,
        sum(generation.fossil_mwh) as fossil_mwh,
        sum(case
            when fuel_based.co2_kg is null then generation.intensity_co2_kg else 0
        end) as intensity_co2_kg,
        sum(coalesce(fuel_based.co2_kg, 0)) as fuel_based_co2_kg
    from generation
    left join {{ ref('int_fuel_based_emission') }} as fuel_based
        on
            generation.region_code = fuel_based.region_code
            and generation.period_month = fuel_based.period_month
    group by generation.year

),

official as (

    select
        national.year,
        factor.value_kg_per_kwh,
        factor.year as official_year,
        factor.known_at
    from national
    left join {{ ref('stg_official_co2_factor') }} as factor
        on factor.factor_kind = 'fossil_power' and factor.region_code = 'CN'
    qualify row_number() over (
        partition by national.year order by abs(national.year - factor.year), factor.year
    ) = 1

)

select
    national.year,
    official.official_year,
    official.known_at,
    cast(
        {% if var('anchor_to_official_fossil') -%}
            coalesce(
                greatest(
                    cast(official.value_kg_per_kwh as double) * national.fossil_mwh * 1000
                    - national.fuel_based_co2_kg, 0
                ) / nullif(cast(national.intensity_co2_kg as double), 0), 1
            )
        {%- else -%}
        1
        {%- endif %} as decimal(18, 12)
    ) as multiplier
from national
inner join official on national.year = official.year
