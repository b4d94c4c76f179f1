-- Cells behind the wind months that no bulletin gives: capacity and hours of November and December;
-- for a gap before December also the capacity of the December before, the last reading that was
-- subtracted, and last year's readings whose pattern it follows. A month that was carried from
-- last year was moved by the readings of both years.
with december as (

    select
        region_code,
        year,
        period_month,
        method_id
    from {{ ref('int_wind_december') }}

),

gap as (

    select
        region_code,
        year,
        period_month,
        method_id,
        min(month) over (partition by region_code, year) - 1 as month_before
    from {{ ref('int_wind_gap') }}

),

capacity as (

    select * from {{ ref('int_input_cell') }}
    where
        raw_table = 'capacity_utilisation' and item = 'wind' and detail = 'above_6mw'

),

reading as (

    select * from {{ ref('int_input_cell') }}
    where
        raw_table = 'electricity_bulletin' and flow = 'generation' and item = 'wind'

),

entered as (

    select
        december.region_code,
        december.period_month,
        december.method_id,
        case capacity.month when 12 then 'december' else 'november' end as role,
        capacity.cell_id
    from december
    inner join capacity
        on
            december.region_code = capacity.region_code
            and december.year = capacity.year
            and capacity.month in (11, 12)

    union all

    select
        gap.region_code,
        gap.period_month,
        gap.method_id,
        'november' as role,
        capacity.cell_id
    from gap
    inner join capacity
        on
            gap.region_code = capacity.region_code
            and gap.year = capacity.year
            and capacity.month = 11

    union all

    select
        gap.region_code,
        gap.period_month,
        gap.method_id,
        'december_before' as role,
        capacity.cell_id
    from gap
    inner join capacity
        on
            gap.region_code = capacity.region_code
            and gap.year = capacity.year + 1
            and capacity.month = 12
            and capacity.quantity = 'capacity_mw'

    union all

    select
        gap.region_code,
        gap.period_month,
        gap.method_id,
        'reading_before' as role,
        reading.cell_id
    from gap
    inner join reading
        on
            gap.region_code = reading.region_code
            and gap.year = reading.year
            and gap.month_before = reading.month

    union all

    select
        gap.region_code,
        gap.period_month,
        gap.method_id,
        'pattern' as role,
        reading.cell_id
    from gap
    inner join reading
        on
            gap.region_code = reading.region_code
            and gap.year = reading.year + 1
            and reading.month between gap.month_before and 11

    union all

    select
        carried.region_code,
        carried.period_month,
        carried.method_id,
        'growth' as role,
        reading.cell_id
    from {{ ref('int_wind_carried') }} as carried
    inner join reading
        on
            carried.region_code = reading.region_code
            and reading.year in (carried.year, carried.year - 1)

)

select
    region_code,
    period_month,
    'series' as component,
    role,
    'wind' as technology,
    method_id,
    cell_id
from entered
