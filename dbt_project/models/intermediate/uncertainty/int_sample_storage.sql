-- Share of each node's consumption of a month that storage lost; none where there was no loss.
select
    node_code,
    period_month,
    cast(storage_loss_mwh as double) / cast(consumed_mwh as double) as loss_share
from {{ ref('int_node_consumption') }}
where storage_loss_mwh <> 0
order by period_month, node_code
