-- One row per market and cell that supplies it: shares of the cells in the output of the year,
-- which sum to exactly 1 (twelve places). Every product and year has a market of the nation; a
-- province has one where a plant names it as its supplier's, and some of the product, but not all,
-- is made there.
with cell as (

    select * from {{ ref('int_cell') }}

),

named_region as (

    select distinct
        exchange.item as product_code,
        exchange.provider_region as region_code,
        cell.year
    from {{ ref('int_cell_exchange') }} as exchange
    inner join cell on exchange.process_id = cell.process_id
    where exchange.provider_region <> ''

),

supply as (

    select
        'CN' as market_region_code,
        cell.*
    from cell

    union all by name

    select
        cell.region_code as market_region_code,
        cell.*
    from cell
    inner join named_region
        on
            cell.product_code = named_region.product_code
            and cell.region_code = named_region.region_code
            and cell.year = named_region.year
    where exists (
        select 1 from cell as elsewhere
        where
            elsewhere.product_code = cell.product_code
            and elsewhere.year = cell.year
            and elsewhere.region_code <> cell.region_code
    )

),

shared as (

    select
        *,
        {% set market = 'product_code, market_region_code, year' %}
        {{ cumulative_share('output_amount', market, 'process_id', true) }} as share_from,
        {{ cumulative_share('output_amount', market, 'process_id', false) }} as share_to
    from supply

)

select
    {{ process_id('product_code', "'market'", 'market_region_code', 'year', "'none'") }}
        as market_id,
    product_code,
    market_region_code as region_code,
    year,
    unit,
    process_id as provider_id,
    output_amount,
    cast(share_to - share_from as decimal(38, 12)) as share
from shared
