-- One row per cell, legal group and exchange as an open dataset would show it: after allocation,
-- and where products share an inventory before it as well. Confidential.
{% set place = "coalesce(provider_region, '') || '|' || coalesce(supply, '')" %}

select
    process_id,
    group_code,
    concat_ws(
        '|', kind, direction, coalesce(flow_id, ''), coalesce(provider_id, ''), origin, stage, unit
    ) as flow_key,
    cast(sum(amount) as double) as amount
from {{ ref('int_plant_flow') }}
where is_counted
group by all

union all

select
    cell.process_id,
    plant.group_code,
    concat_ws(
        '|', 'unallocated', exchange.kind, exchange.direction, exchange.item, exchange.stage,
        {{ place }}, exchange.unit
    ) as flow_key,
    cast(sum(exchange.amount) as double) as amount
from {{ ref('int_plant_product') }} as plant
inner join {{ ref('int_cell') }} as cell
    on
        plant.product_code = cell.product_code
        and plant.technology = cell.technology
        and plant.region_code = cell.region_code
        and plant.year = cell.year
        and plant.allocation = cell.allocation
inner join {{ ref('int_plant_exchange') }} as exchange
    on plant.submission_id = exchange.submission_id
where plant.is_counted and plant.is_main and plant.allocation in ('mass', 'energy', 'economic')
group by all
