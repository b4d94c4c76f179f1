-- Reported transfers as the estimate may use them, over the span of months that each is about:
-- every pair of regions whose provinces are not split between both. The north-eastern transfer
-- already fixes Inner Mongolia's share.
select
    from_region_code,
    to_region_codes,
    min(period_month) as first_month,
    max(period_month) as last_month,
    cast(sum(energy_mwh) as double) as energy_mwh
from {{ ref('int_transfer_month') }}
where from_region_code <> 'GRID_NORTHEAST'
group by from_region_code, to_region_codes, year, first_month, last_month
order by from_region_code, to_region_codes, min(period_month)
