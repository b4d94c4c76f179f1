with figure as (

    {{ published_figures('background_inventory', ['amount']) }}

),

flow as (

    select * from {{ ref('stg_elementary_flow') }}

),

held as (

    select stood.*
    from {{ ref('stg_published_inventory') }} as stood
    inner join {{ ref('int_dataset_state') }} as dataset on stood.dataset_id = dataset.dataset_id
    where dataset.is_held

),

amount as (

    select
        dataset_id,
        row_key as flow_id,
        amount
    from figure

    union all

    select
        dataset_id,
        flow_id,
        amount
    from held

),

final as (

    select
        -- ids
        amount.dataset_id,
        amount.flow_id,
        flow.direction,

        -- amount
        amount.amount,
        flow.unit
    from amount
    inner join flow on amount.flow_id = flow.flow_id

)

select *
from final
order by dataset_id, flow_id
