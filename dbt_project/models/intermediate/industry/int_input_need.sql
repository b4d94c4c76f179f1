-- One row per kind of input that any cell takes from somebody: product, supplier's province where
-- known, supply of electricity and the province where it is used, and year.
select distinct
    exchange.kind,
    exchange.item as product_code,
    exchange.unit,
    exchange.provider_region,
    exchange.supply,
    case when exchange.supply = '' then '' else cell.region_code end as consumer_region,
    cell.year
from {{ ref('int_cell_exchange') }} as exchange
inner join {{ ref('int_cell') }} as cell on exchange.process_id = cell.process_id
where exchange.kind in ('product', 'waste')
