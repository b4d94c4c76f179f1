-- What each method id means: methods of factors, and of the cells that factors are made of.
with factor as (

    select * from {{ ref('factor_method') }}

),

cell as (

    select * from {{ ref('method') }}

),

final as (

    select
        -- ids
        method_id,
        'factor' as applies_to,

        -- text
        name_zh,
        name_en,
        equation,
        boundary_zh,
        boundary_en,
        source_zh,
        source_en,
        document_section
    from factor

    union all

    select
        method_id,
        applies_to,
        name_zh,
        name_en,
        cast(null as varchar) as equation,
        cast(null as varchar) as boundary_zh,
        cast(null as varchar) as boundary_en,
        cast(null as varchar) as source_zh,
        cast(null as varchar) as source_en,
        cast(null as varchar) as document_section
    from cell

)

select *
from final
order by method_id
