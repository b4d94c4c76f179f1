with grade as (

    select * from {{ ref('int_product_grade') }}

),

figure as (

    {{ published_figures('background_grade', ['above', 'up_to']) }}

),

final as (

    select
        -- ids
        grade.product_code,
        cast(grade.grade as integer) as grade,
        cast(grade.year as integer) as year,

        -- value
        figure.above,
        figure.up_to,
        grade.unit
    from grade
    left join figure
        on
            grade.product_code = figure.dataset_id
            and cast(grade.grade as varchar) = figure.row_key

)

select *
from final
order by product_code, grade
