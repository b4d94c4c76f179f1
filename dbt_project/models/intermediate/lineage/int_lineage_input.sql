-- Input cells of each province-month, with the part that they play in it.
{% set parts = [
    'int_lineage_reading', 'int_lineage_wind', 'int_lineage_uncovered', 'int_lineage_fuel',
    'int_lineage_intensity', 'int_lineage_interchange', 'int_lineage_life_cycle',
    'int_lineage_storage', 'int_lineage_certificate', 'int_lineage_correction',
] %}

with entered as (

    {% for part in parts %}
        select
            region_code,
            period_month,
            component,
            role,
            technology,
            method_id,
            cell_id
        from {{ ref(part) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    entered.region_code,
    entered.period_month,
    entered.component,
    entered.role,
    entered.technology,
    entered.method_id,
    cell.cell_id,
    cell.raw_table,
    cell.quantity,
    cell.flow,
    cell.item,
    cell.region_code as cell_region_code,
    cell.period as cell_period,
    cell.value,
    cell.unit,
    cell.quality_tier,
    cell.receipt_id,
    cell.sheet,
    cell.row_number
from entered
inner join {{ ref('int_lineage_month') }} as month
    on entered.region_code = month.region_code and entered.period_month = month.period_month
inner join {{ ref('int_input_cell') }} as cell on entered.cell_id = cell.cell_id
