-- One row per market: the mix of all cells of a product and year, in the nation or a province.
-- `n_groups` counts the legal groups behind all of them.
with share as (

    select * from {{ ref('int_market_share') }}

)

select
    share.market_id as process_id,
    share.product_code,
    share.region_code,
    share.year,
    min(share.unit) as unit,
    count(distinct weight.group_code) as n_groups
from share
inner join {{ ref('int_contribution_weight') }} as weight
    on share.provider_id = weight.cell_id
group by all
