with source as (

    {{ as_known('correction', ['raw_table', 'key_json', '"column"']) }}

)

select
    raw_table,
    key_json,
    "column" as column_name,
    expect,
    value,
    reason,
    reporter,
    corrected_on,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from source
