with known as (

    {{ as_known('product_benchmark', ['benchmark_id', 'product_code', 'technology']) }}

)

select
    -- ids
    benchmark_id,
    product_code,
    technology,
    published_name,
    published_unit,
    boundary,
    data_tier,
    year,
    unit,

    -- quantities
    value_kgco2e_per_unit,
    published_value,

    -- evidence
    note,
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
