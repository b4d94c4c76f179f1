-- One row per cell and legal group: the output that the group brings in, for disclosure control.
-- Confidential.
select
    cell.process_id as cell_id,
    cell.process_id,
    plant.group_code,
    cell.product_code,
    cell.technology,
    cell.region_code,
    cell.year,
    cell.allocation,
    cell.unit,
    sum(plant.output_amount) as weight
from {{ ref('int_plant_product') }} as plant
inner join {{ ref('int_cell') }} as cell
    on
        plant.product_code = cell.product_code
        and plant.technology = cell.technology
        and plant.region_code = cell.region_code
        and plant.year = cell.year
        and plant.allocation = cell.allocation
where plant.is_counted
group by all
