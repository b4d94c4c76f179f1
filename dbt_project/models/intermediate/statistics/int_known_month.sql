-- The monthly statistics that are known: as reported, but for years whose total was restated in
-- December. There the restated total is shared by the months as they were reported, December as
-- November.
with reported as (

    select * from {{ ref('int_reported_month') }}

),

restated as (

    select * from {{ ref('int_restated_year') }}

),

weighted as (

    select
        reported.*,
        restated.year_mwh,
        case
            when reported.month = 12 then restated.november_mwh
            else reported.energy_mwh
        end as weight
    from reported
    inner join restated
        on
            reported.region_code = restated.region_code
            and reported.technology = restated.technology
            and reported.year = restated.year
    where reported.flow = 'consumption'

),

shared as (

    select
        *,
        {{ exact_share(
            'year_mwh', 'weight', 'region_code, technology, year', 'month'
        ) }} as shared_mwh
    from weighted

)

select
    region_code,
    flow,
    technology,
    year,
    month,
    period_month,
    energy_mwh,
    method_id,
    source_id,
    known_at
from reported
where
    not exists (
        select 1
        from restated
        where
            reported.flow = 'consumption'
            and reported.region_code = restated.region_code
            and reported.technology = restated.technology
            and reported.year = restated.year
    )

union all

select
    region_code,
    flow,
    technology,
    year,
    month,
    period_month,
    cast(shared_mwh as decimal(38, 6)) as energy_mwh,
    'restated_total_shared_by_months' as method_id,
    source_id,
    known_at
from shared
