-- One row per cell of a main product and exchange before allocation: amounts of its plants over
-- their output of the main product. Co-products stand as outputs without provider, so that whoever
-- prefers another allocation can carry it out. Confidential until disclosure control.
with plant as (

    select * from {{ ref('int_plant_product') }}
    where is_main and is_counted

),

cell as (

    select * from {{ ref('int_cell') }}

),

placed as (

    select
        cell.process_id,
        cell.output_amount,
        plant.submission_id
    from plant
    inner join cell
        on
            plant.product_code = cell.product_code
            and plant.technology = cell.technology
            and plant.region_code = cell.region_code
            and plant.year = cell.year
            and plant.allocation = cell.allocation

),

inventory as (

    select
        submission_id,
        kind,
        direction,
        item,
        unit,
        provider_region,
        supply,
        stage,
        false as is_co_product,
        amount
    from {{ ref('int_plant_exchange') }}

    union all

    select
        submission_id,
        'product' as kind,
        'output' as direction,
        product_code as item,
        unit,
        '' as provider_region,
        '' as supply,
        'process' as stage,
        true as is_co_product,
        output_amount as amount
    from {{ ref('int_plant_product') }}
    where not is_main

)

select
    placed.process_id,
    inventory.kind,
    inventory.direction,
    inventory.item,
    inventory.unit,
    inventory.provider_region,
    inventory.supply,
    inventory.stage,
    inventory.is_co_product,
    cast(sum(inventory.amount) as double) / cast(min(placed.output_amount) as double) as amount
from placed
inner join inventory on placed.submission_id = inventory.submission_id
group by all
