with factor as (

    select * from {{ ref('int_shown_allocation') }}

),

final as (

    select
        -- ids
        dataset_id,
        product_code,

        -- value
        method,
        cast(factor as decimal(9, 4)) as factor
    from factor

)

select *
from final
order by dataset_id, product_code
