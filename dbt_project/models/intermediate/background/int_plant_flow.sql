-- One row per submission, product that takes a part, and exchange as it would be published: what
-- the plant took and gave off in the period, after allocation, linked to the process that provides
-- it. `process_id` is the cell. Who counted in an earlier release alone stands here too, where his
-- cell is still there (`is_counted`, int_plant_product). Confidential.
with plant as (

    select
        plant.*,
        submission.receipt_id
    from {{ ref('int_plant_product') }} as plant
    inner join {{ ref('stg_survey_submission') }} as submission
        on plant.submission_id = submission.submission_id

),

exchange as (

    select * from {{ ref('int_allocated_exchange') }}

),

flow as (

    select * from {{ ref('stg_elementary_flow') }}

)

select
    cell.process_id,
    plant.submission_id,
    plant.receipt_id,
    plant.group_code,
    plant.is_counted,
    exchange.kind,
    exchange.direction,
    case when exchange.kind = 'elementary' then flow.flow_id end as flow_id,
    provider.provider_id,
    case when exchange.kind <> 'elementary' then exchange.item end as product_code,
    exchange.unit,
    evidence.origin,
    exchange.stage,
    sum(exchange.amount) as amount
from exchange
inner join plant
    on
        exchange.submission_id = plant.submission_id
        and exchange.product_code = plant.product_code
inner join {{ ref('int_cell') }} as cell
    on
        plant.product_code = cell.product_code
        and plant.technology = cell.technology
        and plant.region_code = cell.region_code
        and plant.year = cell.year
        and plant.allocation = cell.allocation
inner join {{ ref('exchange_evidence') }} as evidence on exchange.evidence = evidence.evidence
left join flow on exchange.kind = 'elementary' and exchange.item = flow.gas
left join {{ ref('int_input_provider') }} as provider
    on
        exchange.kind = provider.kind
        and exchange.item = provider.product_code
        and exchange.unit = provider.unit
        and exchange.provider_region = provider.provider_region
        and exchange.supply = provider.supply
        and case when exchange.supply = '' then '' else cell.region_code end
        = provider.consumer_region
        and cell.year = provider.year
group by all
having sum(exchange.amount) > 0
