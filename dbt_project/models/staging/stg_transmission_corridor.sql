-- A corridor has no direction: its ends are put in code order and parallel lines are added.
with line as (

    select * from {{ ref('stg_transmission_line') }}

),

corridors as (

    select
        least(from_region_code, to_region_code) as from_region_code,
        greatest(from_region_code, to_region_code) as to_region_code,
        cast(sum(cast(capacity_mw as decimal(18, 3))) as double) as capacity_mw,
        min(source_id) as source_id,
        max(known_at) as known_at
    from line
    group by all

)

select *
from corridors
order by from_region_code, to_region_code
