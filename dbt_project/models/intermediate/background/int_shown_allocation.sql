-- One row per open dataset whose plants make several products, and product: what part of the
-- inventory it takes. Four places; the largest takes the rest, so that they add up to 1.
with factor as (

    select
        state.dataset_id,
        allocation.product_code,
        allocation.method,
        allocation.factor,
        row_number() over (
            partition by state.dataset_id
            order by allocation.factor desc, allocation.product_code asc
        ) as place
    from {{ ref('int_dataset_state') }} as state
    inner join {{ ref('int_cell_allocation') }} as allocation
        on state.process_id = allocation.process_id
    where state.disclosure = 'open' and allocation.method in ('mass', 'energy', 'economic')

),

rounded as (

    select
        *,
        cast(round(factor, 4) as decimal(9, 4)) as part
    from factor

)

select
    dataset_id,
    product_code,
    method,
    case
        when place = 1
            then 1 - (sum(part) over (partition by dataset_id) - part)
        else part
    end as factor
from rounded
