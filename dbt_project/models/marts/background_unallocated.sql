with exchange as (

    select * from {{ ref('int_shown_unallocated') }}

),

figure as (

    {{ published_figures('background_unallocated', ['amount']) }}

),

final as (

    select
        -- ids
        exchange.dataset_id,
        exchange.exchange_no,
        exchange.kind,
        exchange.direction,
        exchange.flow_id,
        exchange.provider_id,
        exchange.product_code,

        -- amount
        figure.amount,
        exchange.unit,
        exchange.stage
    from exchange
    inner join figure
        on
            exchange.dataset_id = figure.dataset_id
            and cast(exchange.exchange_no as varchar) = figure.row_key

)

select *
from final
order by dataset_id, exchange_no
