-- One row per cell of a main product and product that shares its inventory: the factor by what the
-- plants' products weigh together (kg, MJ or CNY). Factors of a cell sum to exactly 1 (twelve
-- places). Plants are allocated one by one (int_plant_product); this is their whole.
with plant as (

    select * from {{ ref('int_plant_product') }}
    where is_counted

),

main_product as (

    select
        submission_id,
        product_code,
        technology
    from plant
    where is_main

),

shared as (

    select
        {{ process_id(
            'main_product.product_code', 'main_product.technology', 'plant.region_code',
            'plant.year', 'plant.allocation'
        ) }} as process_id,
        {{ process_id(
            'plant.product_code', 'plant.technology', 'plant.region_code', 'plant.year',
            'plant.allocation'
        ) }} as product_process_id,
        plant.product_code,
        plant.allocation as method,
        plant.unit,
        sum(plant.output_amount) as output_amount,
        sum(plant.worth) as worth
    from plant
    inner join main_product on plant.submission_id = main_product.submission_id
    group by all

)

select
    process_id,
    product_process_id,
    product_code,
    method,
    unit,
    output_amount,
    cast(
        {{ cumulative_share('worth', 'process_id', 'product_code', false) }}
        - {{ cumulative_share('worth', 'process_id', 'product_code', true) }} as decimal(38, 12)
    ) as factor
from shared
