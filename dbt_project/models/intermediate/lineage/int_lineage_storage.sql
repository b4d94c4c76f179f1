-- Cells of storage: what it gave back is no generation, what it lost no user got.
select
    cell.region_code,
    storage.period_month,
    'storage' as component,
    case cell.quantity when 'charge_mwh' then 'charged' else 'discharged' end as role,
    cast(null as varchar) as technology,
    'reported' as method_id,
    cell.cell_id
from {{ ref('int_input_cell') }} as cell
inner join {{ ref('stg_storage') }} as storage
    on
        cell.raw_table = 'storage'
        and cell.region_code = storage.region_code
        and cell.item = storage.storage
        and cell.year = extract(year from storage.period_month)
        and cell.month = extract(month from storage.period_month)
