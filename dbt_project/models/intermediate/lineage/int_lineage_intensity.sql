-- Cells behind the CO2 of fossil generation: the province's coal units, the official ratio of gas
-- to coal, the official fossil-power factor as anchor, the defaults of the fuels - and the fuel
-- itself where a province gives it.
with month as (

    select * from {{ ref('int_lineage_month') }}

),

emission as (

    select
        emission.region_code,
        emission.technology,
        emission.year,
        emission.period_month,
        emission.method_id
    from {{ ref('int_emission_month') }} as emission
    inner join month
        on
            emission.region_code = month.region_code
            and emission.period_month = month.period_month

),

intensity as (

    select * from {{ ref('int_fossil_intensity') }}

),

cell as (

    select * from {{ ref('int_input_cell') }}

),

entered as (

    select
        emission.*,
        'coal_units' as role,
        cell.cell_id
    from emission
    inner join intensity
        on
            emission.region_code = intensity.region_code
            and emission.year = intensity.year
            and emission.technology = intensity.technology
    inner join cell
        on
            cell.raw_table = 'coal_unit_intensity'
            and cell.quantity = 'co2_kg_per_kwh'
            and intensity.region_code = cell.region_code
            and intensity.unit_year = cell.year
    where emission.technology = 'coal'

    union all

    select
        emission.*,
        'gas_to_coal' as role,
        cell.cell_id
    from emission
    inner join intensity
        on
            emission.region_code = intensity.region_code
            and emission.year = intensity.year
            and emission.technology = intensity.technology
    inner join cell
        on
            cell.raw_table = 'official_lca_factor'
            and cell.item in ('gas', 'coal')
            and intensity.gas_ratio_year = cell.year
    where emission.technology = 'gas'

    union all

    select
        emission.*,
        'fuel_default' as role,
        cell.cell_id
    from emission
    inner join {{ ref('fuel_group') }} as fuel_group
        on emission.technology = fuel_group.technology
    inner join cell
        on
            cell.raw_table = 'fuel_default'
            and fuel_group.fuel = cell.item
            and cell.detail in (
                '{{ var("fuel_guideline") }}/carbon_content',
                '{{ var("fuel_guideline") }}/oxidation_rate'
            )

    {% if var('anchor_to_official_fossil') %}
        union all

        select
            emission.*,
            'anchor' as role,
            cell.cell_id
        from emission
        inner join {{ ref('int_emission_anchor') }} as anchor on emission.year = anchor.year
        inner join cell
            on
                cell.raw_table = 'official_co2_factor'
                and cell.item = 'fossil_power'
                and cell.region_code = 'CN'
                and anchor.official_year = cell.year
        where emission.method_id = 'unit_intensity'
    {% endif %}

    union all

    select
        emission.*,
        'fuel_use' as role,
        cell.cell_id
    from emission
    inner join cell
        on
            cell.raw_table = 'power_fuel_use'
            and emission.region_code = cell.region_code
            and emission.period_month = make_date(cell.year, cell.month, 1)
    where emission.method_id = 'fuel_based'

    union all

    select
        emission.*,
        'fuel_default' as role,
        cell.cell_id
    from emission
    inner join {{ ref('stg_power_fuel_use') }} as fuel_use
        on
            emission.region_code = fuel_use.region_code
            and emission.period_month = fuel_use.period_month
    inner join cell
        on
            cell.raw_table = 'fuel_default'
            and fuel_use.fuel = cell.item
            and cell.detail like '{{ var("fuel_guideline") }}/%'
    where emission.method_id = 'fuel_based'

)

select distinct
    region_code,
    period_month,
    'emission' as component,
    role,
    technology,
    method_id,
    cell_id
from entered
