-- The province-months of the release, to which input cells are attached.
select
    region.region_code,
    period.year,
    cast(extract(month from period.period_start) as integer) as month,
    period.period_start as period_month
from {{ ref('int_period') }} as period
cross join {{ ref('stg_region') }} as region
where period.resolution = 'month' and region.level = 'province'
