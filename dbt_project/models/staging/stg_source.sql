with known as (

    select *
    from {{ source('raw', 'source') }}
    where known_at <= cast('{{ var("as_of") }}' as date)

)

select
    source_id,
    receipt_id,
    raw_table,
    title_zh,
    title_en,
    publisher_zh,
    publisher_en,
    licence,
    found_at,
    access_class,
    quality_tier,
    file_name,
    sha256,
    period,
    rows_accepted,
    rows_quarantined,
    known_at_basis,
    known_at
from known
