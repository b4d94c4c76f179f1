-- One row per cell - product, technology, region, year and allocation - that at least one plant
-- reports. `n_groups` counts legal groups, not plants. Confidential until disclosure control.
select
    {{ process_id('product_code', 'technology', 'region_code', 'year', 'allocation') }}
        as process_id,
    product_code,
    technology,
    region_code,
    year,
    allocation,
    min(unit) as unit,
    sum(output_amount) as output_amount,
    count(distinct group_code) as n_groups,
    count(distinct plant_code) as n_plants
from {{ ref('int_plant_product') }}
where is_counted
group by product_code, technology, region_code, year, allocation
