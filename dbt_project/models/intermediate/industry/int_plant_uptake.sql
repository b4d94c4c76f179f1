-- One row per submission and product that grew there: the CO2 that it took up, in kg. It is bound
-- to what leaves and is never shared by an allocation: each product takes its own along
-- (ISO 14067); where the system is expanded the main product takes all.
with output as (

    select * from {{ ref('int_plant_output') }}
    where
        output_amount > 0
        and submission_id in (
            select plant.submission_id from {{ ref('int_plant_product') }} as plant
        )

),

grown as (

    select * from {{ ref('stg_product') }}
    where biogenic_uptake_kg_per_unit > 0

),

main_product as (

    select
        submission_id,
        product_code
    from output
    where is_main

)

select
    output.submission_id,
    case
        when output.allocation = 'system_expansion' then main_product.product_code
        else output.product_code
    end as product_code,
    sum(
        {{ energy('cast(output.output_amount as double) * grown.biogenic_uptake_kg_per_unit') }}
    ) as uptake_kg
from output
inner join grown on output.product_code = grown.product_code
inner join main_product on output.submission_id = main_product.submission_id
group by all
