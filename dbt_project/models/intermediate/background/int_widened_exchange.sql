-- One row per exchange of a cell above those of the questionnaires, per unit of its product: the
-- average of its finest cells, weighted by their output. Sigma and scores are weighted by amount:
-- errors of one kind of exchange are taken as one (an average of independent errors would be
-- narrower).
{% set key = [
    'kind', 'direction', 'flow_id', 'provider_id', 'product_code', 'unit', 'origin', 'stage',
] %}
{% set weighted = ['sigma'] + rating_scores() %}

with member as (

    select
        cell.process_id,
        cell.leaf_process_id,
        cast(leaf.output_amount as double)
        / cast(sum(leaf.output_amount) over (partition by cell.process_id) as double) as share
    from {{ ref('int_background_cell') }} as cell
    inner join {{ ref('int_cell') }} as leaf on cell.leaf_process_id = leaf.process_id
    where cell.cell_type = 'widened'

),

exchange as (

    select * from {{ ref('int_exchange') }}

),

averaged as (

    select
        member.process_id,
        {% for name in key %}
            exchange.{{ name }},
        {% endfor %}
        {% for name in weighted %}
            sum(
                member.share * exchange.amount * exchange.{{ name }}
                order by member.leaf_process_id, exchange.exchange_no
            ) as {{ name }}_amount,
        {% endfor %}
        sum(
            member.share * exchange.amount order by member.leaf_process_id, exchange.exchange_no
        ) as amount
    from member
    inner join exchange on member.leaf_process_id = exchange.process_id
    group by all

)

select
    process_id,
    cast(
        row_number() over (
            partition by process_id
            order by {{ key | join(', ') }}
        ) as integer
    ) as exchange_no,
    kind,
    direction,
    flow_id,
    provider_id,
    product_code,
    amount,
    unit,
    origin,
    stage,
    {% for name in weighted %}
        round({{ name }}_amount / nullif(amount, 0), 9) as {{ name }},
    {% endfor %}
    cast(null as varchar) as share_group
from averaged
