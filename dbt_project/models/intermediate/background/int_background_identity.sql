-- One row per process that is a dataset of the release, shown or not: cells and markets of the year
-- published of their product, and of each default and supply of electricity the newest year. The
-- year is no part of the identity.
with process as (

    select * from {{ ref('int_life_cycle_process') }}

),

published_year as (

    select * from {{ ref('int_published_year') }}

),

newest as (

    select
        process.*,
        row_number() over (
            partition by process.product_code, process.technology, process.region_code
            order by process.year desc
        ) as place
    from process
    where process.process_type in ('default', 'electricity')

),

chosen as (

    select process.*
    from process
    inner join published_year
        on process.product_code = published_year.product_code and process.year = published_year.year
    where process.process_type not in ('default', 'electricity')

    union all

    select * exclude (place)
    from newest
    where place = 1

)

select
    {{ dataset_id('product_code', 'technology', 'region_code', 'allocation') }} as dataset_id,
    process_id,
    product_code,
    technology,
    region_code,
    cast(year as integer) as year,
    allocation,
    unit,
    process_type
from chosen
