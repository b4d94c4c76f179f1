-- Cells behind life-cycle factors and the other gases of a province-month: official life-cycle
-- values by technology, what delivery adds, default CH4 and N2O of combustion, and their weights as
-- CO2e.
with month as (

    select * from {{ ref('int_lineage_month') }}

),

cell as (

    select * from {{ ref('int_input_cell') }}

),

official as (

    select * from cell
    where raw_table = 'official_lca_factor'

),

fuel_default as (

    select * from cell
    where
        raw_table = 'fuel_default'
        and detail in (
            '{{ var("fuel_guideline") }}/carbon_content',
            '{{ var("fuel_guideline") }}/oxidation_rate'
        )

),

of_year as (

    -- Oil takes coal's value, moved by the carbon of both fuels.
    select
        factor.year,
        'life_cycle' as component,
        'official_value' as role,
        factor.technology,
        factor.method_id,
        official.cell_id
    from {{ ref('int_life_cycle_factor') }} as factor
    inner join official
        on
            factor.official_year = official.year
            and case factor.technology
                when 'oil' then 'coal' when 'solar' then 'solar_pv' else factor.technology
            end = official.item

    union all

    select
        factor.year,
        'life_cycle' as component,
        'fuel_default' as role,
        factor.technology,
        factor.method_id,
        fuel_default.cell_id
    from {{ ref('int_life_cycle_factor') }} as factor
    inner join fuel_default on fuel_default.item in ('fuel_oil', 'bituminous_coal')
    where factor.technology = 'oil'

    union all

    select
        delivery.year,
        'life_cycle' as component,
        'infrastructure' as role,
        cast(null as varchar) as technology,
        'official_life_cycle_proxy' as method_id,
        official.cell_id
    from {{ ref('int_delivery_loss') }} as delivery
    inner join official
        on
            delivery.infrastructure_year = official.year
            and official.item = 'td_excl_losses'

    union all

    select
        delivery.year,
        'life_cycle' as component,
        'delivery_loss' as role,
        cast(null as varchar) as technology,
        'official_life_cycle_proxy' as method_id,
        official.cell_id
    from {{ ref('int_delivery_loss') }} as delivery
    inner join official
        on
            delivery.loss_year = official.year
            and official.item in ('average', 'td_excl_losses', 'td_incl_losses')

),

of_every_year as (

    select
        'emission' as component,
        'combustion_gas' as role,
        gas.technology,
        'combustion_gas_default' as method_id,
        cell.cell_id
    from {{ ref('int_combustion_gas') }} as gas
    inner join cell
        on
            cell.raw_table = 'combustion_gas'
            and gas.fuel = cell.item
            and lower(cell.detail) like '%/' || gas.gas

    union all

    select
        'emission' as component,
        'gwp' as role,
        cast(null as varchar) as technology,
        cast(null as varchar) as method_id,
        cell.cell_id
    from {{ ref('int_gwp_set') }} as gwp
    inner join cell
        on
            cell.raw_table = 'gwp'
            and gwp.gwp_set || '/' || gwp.guideline = cell.detail
            and cell.item in ('CH4', 'CH4_biogenic_or_combustion', 'N2O')

)

select
    month.region_code,
    month.period_month,
    of_year.component,
    of_year.role,
    of_year.technology,
    of_year.method_id,
    of_year.cell_id
from month
inner join of_year on month.year = of_year.year

union all

select
    month.region_code,
    month.period_month,
    of_every_year.component,
    of_every_year.role,
    of_every_year.technology,
    of_every_year.method_id,
    of_every_year.cell_id
from month
cross join of_every_year
