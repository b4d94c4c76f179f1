-- Every cell of the input that a factor may rest on, as it enters (corrected where a correction
-- stands), with the file, sheet and row that it comes from. `item` is what the cell is of: a
-- technology, a fuel, a gas; `detail` what else tells it apart.
{% set energy, mw, hours, factor = "'MWh'", "'MW'", "'h'", "'kgCO2/kWh'" %}
{% set absent = "cast(null as varchar)" %}
{% set cells = [
    ('electricity_bulletin', 'energy_ytd_mwh', 'stg_electricity_bulletin', 'energy_ytd_mwh',
     energy, 'region_code', 'flow', 'technology', 'year', 'month', absent),
    ('capacity_utilisation', 'capacity_mw', 'stg_capacity_utilisation', 'capacity_mw',
     mw, 'region_code', absent, 'technology', 'year', 'month', 'scope'),
    ('capacity_utilisation', 'utilisation_hours_ytd', 'stg_capacity_utilisation',
     'utilisation_hours_ytd', hours, 'region_code', absent, 'technology', 'year', 'month', 'scope'),
    ('national_generation', 'energy_mwh', 'stg_national_generation', 'energy_mwh',
     energy, "'CN'", 'flow', 'technology', 'year', 'null', "coverage || '/' || publisher"),
    ('coal_unit_intensity', 'coal_capacity_mw', 'stg_coal_unit_intensity', 'coal_capacity_mw',
     mw, 'region_code', absent, "'coal'", 'year', 'null', absent),
    ('coal_unit_intensity', 'co2_kg_per_kwh', 'stg_coal_unit_intensity', 'co2_kg_per_kwh',
     factor, 'region_code', absent, "'coal'", 'year', 'null', absent),
    ('sector_fuel_co2', 'co2_t', 'stg_sector_fuel_co2', 'co2_t',
     "'t'", 'region_code', absent, 'fuel_group', 'year', 'null', absent),
    ('power_fuel_use', 'amount', 'stg_power_fuel_use', 'amount',
     'unit', 'region_code', absent, 'fuel', 'extract(year from period_month)',
     'extract(month from period_month)', absent),
    ('fuel_default', 'value', 'stg_fuel_default', 'value',
     'unit', "'CN'", absent, 'fuel', 'null', 'null', "guideline || '/' || quantity"),
    ('combustion_gas', 'kg_per_tj', 'stg_combustion_gas', 'kg_per_tj',
     "'kg/TJ'", "'CN'", absent, 'fuel', 'null', 'null', "guideline || '/' || gas"),
    ('official_co2_factor', 'value_kg_per_kwh', 'stg_official_co2_factor', 'value_kg_per_kwh',
     factor, 'region_code', absent, 'factor_kind', 'year', 'null', absent),
    ('official_lca_factor', 'value_kg_per_kwh', 'stg_official_lca_factor', 'value_kg_per_kwh',
     "'kgCO2e/kWh'", "'CN'", absent, 'technology', 'year', 'null', absent),
    ('transmission_corridor', 'capacity_mw', 'stg_transmission_line', 'capacity_mw',
     mw, 'from_region_code', absent, "from_region_code || '>' || to_region_code", 'year', 'null',
     absent),
    ('interregional_transfer', 'energy_mwh', 'stg_interregional_transfer', 'energy_mwh',
     energy, 'from_region_code', absent, "from_region_code || '>' || to_region_codes",
     'extract(year from period_end)',
     'extract(month from period_end)', "kind || '/' || period_start"),
    ('certificate', 'energy_mwh', 'stg_certificate', 'energy_mwh',
     energy, 'issuing_region_code', absent, 'technology', 'year',
     'extract(month from period_month)', 'certificate_id'),
    ('storage', 'charge_mwh', 'stg_storage', 'charge_mwh',
     energy, 'region_code', absent, 'storage', 'extract(year from period_month)',
     'extract(month from period_month)', absent),
    ('storage', 'discharge_mwh', 'stg_storage', 'discharge_mwh',
     energy, 'region_code', absent, 'storage', 'extract(year from period_month)',
     'extract(month from period_month)', absent),
    ('gwp', 'value', 'stg_gwp', 'value',
     "'kgCO2e/kg'", "'CN'", absent, 'gas', 'null', 'null', "gwp_set || '/' || guideline"),
] %}

with cell as (

    {% for cell in cells %}
        {% set raw_table, quantity, model, value, unit, region, flow, item, year, month, detail
            = cell %}
        select
            '{{ raw_table }}' as raw_table,
            '{{ quantity }}' as quantity,
            {{ region }} as region_code,
            {{ flow }} as flow,
            {{ item }} as item,
            cast({{ year }} as integer) as year,
            cast({{ month }} as integer) as month,
            {{ detail }} as detail,
            cast({{ value }} as decimal(38, 8)) as value,
            {{ unit }} as unit,
            receipt_id,
            sheet,
            row_number
        from {{ ref(model) }}
        where {{ value }} is not null
        union all
    {% endfor %}

    -- A correction is a cell too: the value that it puts where another stood.
    select
        'correction' as raw_table,
        column_name as quantity,
        coalesce(
            json_extract_string(key_json, '$.region_code'),
            json_extract_string(key_json, '$.from_region_code')
        ) as region_code,
        {{ absent }} as flow,
        raw_table as item,
        cast(null as integer) as year,
        cast(null as integer) as month,
        key_json as detail,
        case
            when column_name not like '%code%' then try_cast(value as decimal(38, 8))
        end as value,
        {{ absent }} as unit,
        receipt_id,
        sheet,
        row_number
    from {{ ref('stg_correction') }}

),

identified as (

    select
        *,
        concat_ws(
            '/',
            raw_table,
            quantity,
            region_code,
            flow,
            item,
            cast(year as varchar) || coalesce('-' || lpad(cast(month as varchar), 2, '0'), ''),
            detail
        ) as cell_id
    from cell

)

select
    identified.*,
    nullif(
        cast(identified.year as varchar)
        || coalesce('-' || lpad(cast(identified.month as varchar), 2, '0'), ''), ''
    ) as period,
    source.quality_tier
from identified
inner join {{ ref('stg_source') }} as source on identified.receipt_id = source.receipt_id
