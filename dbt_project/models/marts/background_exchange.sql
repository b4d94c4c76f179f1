with exchange as (

    select * from {{ ref('int_life_cycle_exchange') }}

),

dataset as (

    select * from {{ ref('int_dataset_state') }}
    where disclosure = 'open'

),

provider as (

    select * from {{ ref('int_background_identity') }}

),

figure as (

    {{ published_figures('background_exchange', ['amount', 'sigma']) }}

),

rounded as (

    select
        dataset.dataset_id,
        exchange.* exclude (process_id, provider_id, amount, sigma),
        provider.dataset_id as provider_id,
        figure.amount,
        figure.sigma,
        cast(figure.amount as decimal(38, 12)) as share,
        row_number() over (
            partition by dataset.dataset_id, exchange.share_group
            order by figure.amount desc, exchange.exchange_no asc
        ) as place
    from dataset
    inner join exchange on dataset.process_id = exchange.process_id
    inner join figure
        on
            dataset.dataset_id = figure.dataset_id
            and cast(exchange.exchange_no as varchar) = figure.row_key
    left join provider on exchange.provider_id = provider.process_id

),

final as (

    select
        -- ids
        dataset_id,
        exchange_no,
        kind,
        direction,
        flow_id,
        provider_id,
        product_code,

        -- amount; of rounded shares the largest takes the rest, so that they add up to 1
        case
            when share_group is not null and place = 1
                then
                    cast(
                        1 - (sum(share) over (partition by dataset_id, share_group) - share)
                        as double
                    )
            else amount
        end as amount,
        unit,
        origin,
        stage,

        -- quality
        {% for score in rating_scores() %}
            cast(round({{ score }}, 2) as decimal(4, 2)) as {{ score }},
        {% endfor %}
        coalesce(sigma, 0) as sigma
    from rounded

)

select *
from final
order by dataset_id, exchange_no
