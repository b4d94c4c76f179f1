with known as (

    select source.*
    from {{ source('raw', 'source') }} as source
    cross join {{ ref('stg_as_of') }} as knowledge
    where
        source.known_at <= greatest(
            knowledge.statistics_as_of, knowledge.parameters_as_of, knowledge.corrections_as_of
        )
        or source.receipt_id in (select receipt_id from {{ ref('stg_hindsight') }})

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
