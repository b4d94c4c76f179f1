-- Cells behind a province's interchange: the lines that end in it, and the transfers reported in
-- that year for it, for its grid region, or for the nation.
with month as (

    select * from {{ ref('int_lineage_month') }}

),

grid as (

    select
        region_code,
        grid_region_code
    from {{ ref('stg_grid_region') }}
    where region_code like '%0000'

),

cell as (

    select * from {{ ref('int_input_cell') }}

),

line as (

    select distinct
        cell.cell_id,
        line.from_region_code,
        line.to_region_code
    from {{ ref('stg_transmission_line') }} as line
    inner join cell
        on
            cell.raw_table = 'transmission_corridor'
            and line.receipt_id = cell.receipt_id
            and line.row_number = cell.row_number

),

transfer as (

    select
        cell_id,
        year,
        region_code as from_region_code,
        string_split(split_part(item, '>', 2), '+') as to_region_codes
    from cell
    where raw_table = 'interregional_transfer'

)

select
    month.region_code,
    month.period_month,
    'interchange' as component,
    'corridor' as role,
    cast(null as varchar) as technology,
    'least_squares_balance' as method_id,
    line.cell_id
from month
inner join line on month.region_code in (line.from_region_code, line.to_region_code)

union all

select
    month.region_code,
    month.period_month,
    'interchange' as component,
    'reported_transfer' as role,
    cast(null as varchar) as technology,
    'least_squares_balance' as method_id,
    transfer.cell_id
from month
inner join grid on month.region_code = grid.region_code
inner join transfer
    on
        month.year = transfer.year
        and (
            transfer.from_region_code in (month.region_code, grid.grid_region_code)
            or list_contains(transfer.to_region_codes, month.region_code)
            or list_contains(transfer.to_region_codes, grid.grid_region_code)
            or (month.region_code = '150000' and (
                transfer.from_region_code = 'GRID_NORTHEAST'
                or list_contains(transfer.to_region_codes, 'GRID_NORTHEAST')
            ))
        )
