-- Corrections of cells of a province: of the month or year that their key names, or of every month
-- where it is of a table whose rows stand for all of them.
with month as (

    select * from {{ ref('int_lineage_month') }}

),

correction as (

    select
        cell.cell_id,
        correction.raw_table,
        correction.raw_table not in (
            'electricity_bulletin', 'capacity_utilisation', 'power_fuel_use', 'national_generation'
        ) as is_of_every_month,
        coalesce(
            cast(json_extract_string(correction.key_json, '$.year') as integer),
            cast(extract(year from cast(
                json_extract_string(correction.key_json, '$.period_month') as date
            )) as integer)
        ) as year,
        [
            json_extract_string(correction.key_json, '$.region_code'),
            json_extract_string(correction.key_json, '$.from_region_code'),
            json_extract_string(correction.key_json, '$.to_region_code'),
            correction.value
        ] as region_codes
    from {{ ref('stg_correction') }} as correction
    inner join {{ ref('int_input_cell') }} as cell
        on
            cell.raw_table = 'correction'
            and correction.receipt_id = cell.receipt_id
            and correction.row_number = cell.row_number

)

select
    month.region_code,
    month.period_month,
    'correction' as component,
    correction.raw_table as role,
    cast(null as varchar) as technology,
    cast(null as varchar) as method_id,
    correction.cell_id
from month
inner join correction
    on
        (
            list_contains(correction.region_codes, month.region_code)
            or list_contains(correction.region_codes, 'CN')
        )
        and (correction.is_of_every_month or month.year = correction.year)
