-- Claimed energy by node, month and technology, as sampling reads it.
select
    node_code,
    technology,
    period_month,
    cast(issued_mwh as double) as issued_mwh,
    cast(retired_mwh as double) as retired_mwh
from {{ ref('int_claim_node') }}
order by node_code, technology, period_month
