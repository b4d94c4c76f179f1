-- Reported transfers as the estimate may use them: every pair of regions whose provinces are not
-- split between both. The north-eastern transfer already fixes Inner Mongolia's share.
select
    from_region_code,
    to_region_codes,
    period_month,
    cast(energy_mwh as double) as energy_mwh
from {{ ref('int_transfer_month') }}
where from_region_code <> 'GRID_NORTHEAST'
order by period_month, from_region_code, to_region_codes
