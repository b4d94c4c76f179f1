-- One row per submission, product that takes a part, and exchange: the inventory after allocation,
-- as amounts of the period. Over the products of a submission it adds up to int_plant_exchange.
with plant as (

    select * from {{ ref('int_plant_product') }}

),

exchange as (

    select * from {{ ref('int_plant_exchange') }}

),

allocated as (

    select
        plant.submission_id,
        plant.product_code,
        exchange.* exclude (submission_id, amount),
        {{ allocated('exchange.amount', 'plant.factor_from', 'plant.factor_to') }} as amount
    from exchange
    inner join plant on exchange.submission_id = plant.submission_id
    where exchange.item <> 'co2_biogenic_uptake'

    union all by name

    -- What a product took up stays with it.
    select
        uptake.submission_id,
        uptake.product_code,
        exchange.* exclude (submission_id, amount),
        cast(uptake.uptake_kg as decimal(38, 6)) as amount
    from exchange
    inner join {{ ref('int_plant_uptake') }} as uptake
        on exchange.submission_id = uptake.submission_id
    where exchange.item = 'co2_biogenic_uptake'

)

select * from allocated
