with tree as (

    select * from {{ ref('int_lineage_tree') }}

),

input as (

    select * from {{ ref('int_lineage_input') }}

),

linked as (

    select
        region_code,
        period_start,
        resolution,
        relation,
        concat_ws(
            '/', child_region_code, child_resolution, strftime(child_period_start, '%Y-%m'),
            technology, method_id
        ) as child_id,
        child_region_code,
        child_period_start,
        child_resolution,
        share,
        energy_mwh,
        cast(null as varchar) as component,
        cast(null as varchar) as role,
        technology,
        method_id,
        cast(null as varchar) as raw_table,
        cast(null as varchar) as quantity,
        cast(null as varchar) as flow,
        cast(null as varchar) as item,
        cast(null as varchar) as cell_region_code,
        cast(null as varchar) as cell_period,
        cast(null as decimal(38, 8)) as value,
        cast(null as varchar) as unit,
        cast(null as varchar) as quality_tier,
        cast(null as varchar) as receipt_id,
        cast(null as varchar) as sheet,
        cast(null as integer) as row_number
    from tree

    union all

    select
        region_code,
        period_month as period_start,
        'month' as resolution,
        'input' as relation,
        concat_ws('/', component, role, technology, cell_id) as child_id,
        cast(null as varchar) as child_region_code,
        cast(null as date) as child_period_start,
        cast(null as varchar) as child_resolution,
        cast(null as decimal(9, 6)) as share,
        cast(null as decimal(38, 6)) as energy_mwh,
        component,
        role,
        technology,
        method_id,
        raw_table,
        quantity,
        flow,
        item,
        cell_region_code,
        cell_period,
        value,
        unit,
        quality_tier,
        receipt_id,
        sheet,
        row_number
    from input

),

final as (

    select
        -- ids
        region_code,
        period_start,
        resolution,
        relation,
        child_id,

        -- another area or period
        child_region_code,
        child_period_start,
        child_resolution,
        cast(share as decimal(9, 6)) as share,
        cast(energy_mwh as decimal(38, 6)) as energy_mwh,

        -- an input cell
        component,
        role,
        technology,
        method_id,
        raw_table,
        quantity,
        flow,
        item,
        cell_region_code,
        cell_period,
        cast(value as decimal(38, 8)) as value,
        unit,
        quality_tier,

        -- evidence
        receipt_id,
        sheet,
        cast(row_number as integer) as row_number
    from linked

)

select *
from final
order by region_code, period_start, resolution, relation, child_id
