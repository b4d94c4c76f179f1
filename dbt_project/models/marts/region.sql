with region as (

    select * from {{ ref('stg_region') }}

),

grid as (

    select * from {{ ref('stg_grid_region') }}

),

final as (

    select
        -- ids
        region.region_code,
        region.level,
        region.parent_code,
        grid.grid_region_code,

        -- names
        region.name_zh,
        region.name_en
    from region
    left join grid on region.region_code = grid.region_code

)

select *
from final
order by region_code
