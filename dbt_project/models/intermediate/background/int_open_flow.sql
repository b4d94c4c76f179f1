-- One row per cell, legal group and exchange as an open dataset would show it. Confidential.
select
    process_id,
    group_code,
    concat_ws(
        '|', kind, direction, coalesce(flow_id, ''), coalesce(provider_id, ''), origin, stage, unit
    ) as flow_key,
    cast(sum(amount) as double) as amount
from {{ ref('int_plant_flow') }}
group by all
