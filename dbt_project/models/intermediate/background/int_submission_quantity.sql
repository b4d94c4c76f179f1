-- One row per cell, submission and quantity that a published cell tells of: what the plant brings
-- into the cell's sum, that is its own exchanges times the provider's result, and what it emits
-- itself. Confidential.
--   headline            kgCO2e, the score that the disclosure rules are about
--   flow:<flow_id>      kg of an elementary flow, cradle to gate
--   stage:<stage>       kgCO2e of a stage
--   electricity         kWh of all supplies of electricity, cradle to gate
-- A plant has every quantity that any plant of its cell has; it is zero where it has nothing of it.
-- Who counted in an earlier release alone (`is_counted` false) stands here by the suppliers of
-- today, unless one of his inputs has none: then nothing can be said of him.
{% set headline = 'gwp100.ar6.total' %}

with unlinked as (

    select distinct submission_id
    from {{ ref('int_plant_flow') }}
    where not is_counted and kind <> 'elementary' and provider_id is null

),

flow as (

    select
        *,
        case when direction = 'output' and kind <> 'elementary' then -1 else 1 end
        * cast(amount as double) as signed_amount
    from {{ ref('int_plant_flow') }}
    where submission_id not in (select unlinked.submission_id from unlinked)

),

score as (

    select * from {{ ref('int_life_cycle_score') }}
    where indicator = '{{ headline }}'

),

factor as (

    select * from {{ ref('int_characterisation') }}
    where indicator = '{{ headline }}'

),

weighed as (

    select
        flow.process_id,
        flow.submission_id,
        flow.stage,
        flow.provider_id,
        flow.flow_id,
        flow.signed_amount,
        flow.signed_amount * coalesce(score.value, factor.factor, 0) as emission
    from flow
    left join score on flow.provider_id = score.process_id
    left join factor on flow.flow_id = factor.flow_id

),

electricity as (

    select
        process_id,
        sum(electricity_amount order by electricity_id) as amount
    from {{ ref('int_electricity_sensitivity') }}
    group by process_id

),

part as (

    {% set parts = {
        "'headline'": 'emission', "'stage:' || stage": 'emission',
    } %}
    {% for quantity, value in parts.items() %}
        select
            process_id,
            submission_id,
            {{ quantity }} as quantity,
            {{ value }} as value
        from weighed

        union all
    {% endfor %}

    select
        process_id,
        submission_id,
        'flow:' || flow_id as quantity,
        signed_amount as value
    from weighed
    where flow_id is not null

    union all

    select
        weighed.process_id,
        weighed.submission_id,
        'flow:' || inventory.flow_id as quantity,
        weighed.signed_amount * inventory.amount as value
    from weighed
    inner join {{ ref('int_life_cycle_inventory') }} as inventory
        on weighed.provider_id = inventory.process_id

    union all

    select
        weighed.process_id,
        weighed.submission_id,
        'electricity' as quantity,
        weighed.signed_amount * electricity.amount as value
    from weighed
    inner join electricity on weighed.provider_id = electricity.process_id

),

summed as (

    select
        process_id,
        submission_id,
        quantity,
        sum(value order by value) as value
    from part
    group by process_id, submission_id, quantity

),

plant as (

    select distinct
        flow.process_id,
        flow.submission_id,
        flow.receipt_id,
        flow.group_code,
        flow.is_counted,
        cell.product_code,
        product.output_amount as weight
    from flow
    inner join {{ ref('int_cell') }} as cell on flow.process_id = cell.process_id
    inner join {{ ref('int_plant_product') }} as product
        on
            flow.submission_id = product.submission_id
            and cell.product_code = product.product_code

),

quantity as (

    select distinct
        process_id,
        quantity
    from summed

)

select
    plant.process_id,
    plant.submission_id,
    plant.receipt_id,
    plant.group_code,
    plant.is_counted,
    plant.product_code,
    quantity.quantity,
    cast(plant.weight as double) as weight,
    coalesce(summed.value, 0) as value
from plant
inner join quantity on plant.process_id = quantity.process_id
left join summed
    on
        plant.process_id = summed.process_id
        and plant.submission_id = summed.submission_id
        and quantity.quantity = summed.quantity
