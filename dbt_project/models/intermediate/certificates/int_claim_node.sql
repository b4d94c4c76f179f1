-- Claimed energy by node, month and technology: what was issued there for claims anywhere, and
-- what its consumers claim. Only claims that are counted. Inner Mongolia's are divided as its
-- generation.
with claim as (

    select * from {{ ref('int_certificate_claim') }}
    where is_counted

),

node as (

    select
        area_code as node_code,
        region_code,
        share
    from {{ ref('int_area') }}
    where level = 'node'

),

side as (

    select
        issuing_region_code as region_code,
        technology,
        period_month,
        energy_mwh as issued_mwh,
        cast(0 as decimal(38, 6)) as retired_mwh
    from claim

    union all

    select
        retiring_region_code as region_code,
        technology,
        period_month,
        cast(0 as decimal(38, 6)) as issued_mwh,
        energy_mwh as retired_mwh
    from claim

)

select
    node.node_code,
    side.technology,
    side.period_month,
    sum({{ energy('side.issued_mwh * node.share') }}) as issued_mwh,
    sum({{ energy('side.retired_mwh * node.share') }}) as retired_mwh
from side
inner join node on side.region_code = node.region_code
group by node.node_code, side.technology, side.period_month
