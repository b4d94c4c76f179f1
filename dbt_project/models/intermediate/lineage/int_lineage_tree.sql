-- How areas and periods rest on one another: an area on its provinces, a year on its months, an
-- importer on its exporters, a carried month on the month that it was carried from.
with period as (

    select * from {{ ref('int_period') }}

),

member as (

    select
        area.area_code as region_code,
        period.period_start,
        period.resolution,
        'member' as relation,
        area.region_code as child_region_code,
        period.period_start as child_period_start,
        period.resolution as child_resolution,
        area.share,
        cast(null as decimal(38, 6)) as energy_mwh,
        cast(null as varchar) as technology,
        cast(null as varchar) as method_id
    from {{ ref('int_area') }} as area
    cross join period
    where area.area_code <> area.region_code and area.level <> 'node'

),

area as (

    select distinct area_code
    from {{ ref('int_area') }}

),

month as (

    select
        area.area_code as region_code,
        whole.period_start,
        whole.resolution,
        'month' as relation,
        area.area_code as child_region_code,
        month.period_start as child_period_start,
        month.resolution as child_resolution,
        cast(null as decimal(9, 6)) as share,
        cast(null as decimal(38, 6)) as energy_mwh,
        cast(null as varchar) as technology,
        cast(null as varchar) as method_id
    from area
    cross join period as whole
    inner join period as month
        on
            whole.year = month.year
            and whole.resolution = 'year'
            and month.resolution = 'month'

),

flow as (

    select
        from_region_code,
        to_region_code,
        period_start,
        resolution,
        energy_mwh
    from {{ ref('int_interchange_period') }}

    union all

    -- Only between nodes of the consumption network: the grids of a province.
    select
        from_node as from_region_code,
        to_node as to_region_code,
        period_month as period_start,
        'month' as resolution,
        energy_mwh
    from {{ ref('int_node_edge') }}
    where from_node like 'GRID_%' or to_node like 'GRID_%'

),

upstream as (

    select
        flow.to_region_code as region_code,
        flow.period_start,
        flow.resolution,
        'upstream' as relation,
        flow.from_region_code as child_region_code,
        flow.period_start as child_period_start,
        flow.resolution as child_resolution,
        cast(null as decimal(9, 6)) as share,
        flow.energy_mwh,
        cast(null as varchar) as technology,
        'least_squares_balance' as method_id
    from flow
    inner join period
        on flow.period_start = period.period_start and flow.resolution = period.resolution

),

carried as (

    select
        carried.region_code,
        carried.period_month as period_start,
        'month' as resolution,
        'carried' as relation,
        carried.region_code as child_region_code,
        carried.from_period_month as child_period_start,
        'month' as child_resolution,
        cast(null as decimal(9, 6)) as share,
        cast(null as decimal(38, 6)) as energy_mwh,
        carried.technology,
        carried.method_id
    from {{ ref('int_lineage_carried') }} as carried
    inner join {{ ref('int_lineage_month') }} as month
        on
            carried.region_code = month.region_code
            and carried.period_month = month.period_month

)

select * from member
union all
select * from month
union all
select * from upstream
union all
select * from carried
