-- Whatever the lineage leads to leads on itself, and it starts from nothing but areas and periods
-- that have a factor.
{{ config(meta={'dagster': {'ref': {'name': 'factor_lineage'}}}) }}

with lineage as (

    select * from {{ ref('factor_lineage') }}

),

parent as (

    select distinct
        region_code,
        period_start,
        resolution
    from lineage

),

factor as (

    select distinct
        region_code,
        period_start,
        resolution
    from {{ ref('electricity_factor') }}

)

select
    'child without lineage' as fault,
    lineage.child_region_code as region_code,
    lineage.child_period_start as period_start,
    lineage.child_resolution as resolution
from lineage
left join parent
    on
        lineage.child_region_code = parent.region_code
        and lineage.child_period_start = parent.period_start
        and lineage.child_resolution = parent.resolution
where lineage.relation <> 'input' and parent.region_code is null

union all

select
    'parent without factor' as fault,
    parent.region_code,
    parent.period_start,
    parent.resolution
from parent
left join factor
    on
        parent.region_code = factor.region_code
        and parent.period_start = factor.period_start
        and parent.resolution = factor.resolution
where factor.region_code is null

union all

select
    'input without file' as fault,
    lineage.region_code,
    lineage.period_start,
    lineage.resolution
from lineage
left join {{ ref('input_file') }} as file on lineage.receipt_id = file.receipt_id
where lineage.relation = 'input' and file.receipt_id is null
