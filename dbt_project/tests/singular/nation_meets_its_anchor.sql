-- With the anchor switched on, national fossil CO2 over fossil generation is the official factor.
{{ config(meta={'dagster': {'ref': {'name': 'int_emission_anchor'}}}) }}

select
    anchor.year,
    anchor.official_year,
    factor.value,
    official.value_kg_per_kwh
from {{ ref('int_emission_anchor') }} as anchor
inner join {{ ref('stg_official_co2_factor') }} as official
    on
        anchor.official_year = official.year
        and official.factor_kind = 'fossil_power'
        and official.region_code = 'CN'
inner join {{ ref('int_factor_value') }} as factor
    on
        anchor.year = factor.year
        and factor.factor_kind = 'fossil_power'
        and factor.gas_scope = 'CO2'
        and factor.area_code = 'CN'
        and factor.resolution = 'year'
where
    {{ 'true' if var('anchor_to_official_fossil') else 'false' }}
    and abs(factor.value - official.value_kg_per_kwh) > 0.000001
