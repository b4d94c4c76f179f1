-- One row per exchange before allocation of an open dataset whose plants make several products, per
-- unit of its product. Co-products stand as outputs without provider.
with exchange as (

    select
        state.dataset_id,
        state.year,
        state.region_code,
        unallocated.*
    from {{ ref('int_dataset_state') }} as state
    inner join {{ ref('int_cell_unallocated') }} as unallocated
        on state.process_id = unallocated.process_id
    where state.disclosure = 'open' and state.allocation in ('mass', 'energy', 'economic')

),

identity as (

    select * from {{ ref('int_background_identity') }}

)

select
    exchange.dataset_id,
    cast(
        row_number() over (
            partition by exchange.dataset_id
            order by
                exchange.kind, exchange.direction, exchange.item, exchange.stage,
                exchange.provider_region, exchange.supply, exchange.unit, exchange.is_co_product
        ) as integer
    ) as exchange_no,
    exchange.kind,
    exchange.direction,
    case
        when exchange.kind = 'elementary' then flow.flow_id
        else {{ product_flow_id('exchange.item') }}
    end as flow_id,
    provider.dataset_id as provider_id,
    case when exchange.kind <> 'elementary' then exchange.item end as product_code,
    exchange.amount,
    exchange.unit,
    exchange.stage
from exchange
left join {{ ref('stg_elementary_flow') }} as flow
    on exchange.kind = 'elementary' and exchange.item = flow.gas
left join {{ ref('int_input_provider') }} as link
    on
        not exchange.is_co_product
        and exchange.kind = link.kind
        and exchange.item = link.product_code
        and exchange.unit = link.unit
        and exchange.provider_region = link.provider_region
        and exchange.supply = link.supply
        and case when exchange.supply = '' then '' else exchange.region_code end
        = link.consumer_region
        and exchange.year = link.year
left join identity as provider on link.provider_id = provider.process_id
