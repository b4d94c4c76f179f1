-- One row per cell, legal group and exchange: what the plants of the group bring into the cell, as
-- amounts of the period, with the scores of the evidence weighted by amount. Exchanges of different
-- origin stand apart, so that the share of primary data stays exact. Confidential.
with cell as (

    select * from {{ ref('int_cell') }}

),

plant as (

    select * from {{ ref('int_plant_product') }}
    where is_counted

),

exchange as (

    select * from {{ ref('int_allocated_exchange') }}

),

evidence as (

    select * from {{ ref('exchange_evidence') }}

)

select
    cell.process_id,
    plant.group_code,
    exchange.kind,
    exchange.direction,
    exchange.item,
    exchange.unit,
    exchange.provider_region,
    exchange.supply,
    exchange.stage,
    exchange.exchange_type,
    evidence.origin,
    {% for score in evidence_scores() %}
        sum(exchange.amount * evidence.{{ score }}) as {{ score }}_amount,
    {% endfor %}
    sum(exchange.amount) as amount
from exchange
inner join plant
    on
        exchange.submission_id = plant.submission_id
        and exchange.product_code = plant.product_code
inner join cell
    on
        plant.product_code = cell.product_code
        and plant.technology = cell.technology
        and plant.region_code = cell.region_code
        and plant.year = cell.year
        and plant.allocation = cell.allocation
inner join evidence on exchange.evidence = evidence.evidence
group by all
having sum(exchange.amount) > 0
