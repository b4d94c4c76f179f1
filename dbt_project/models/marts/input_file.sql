with source as (

    select * from {{ ref('stg_source') }}

),

final as (

    select
        -- ids
        receipt_id,
        source_id,
        raw_table,

        -- file
        file_name,
        sha256,
        period,

        -- time
        known_at,
        known_at_basis,

        -- what became of it
        cast(rows_accepted as integer) as rows_accepted,
        cast(rows_quarantined as integer) as rows_quarantined,

        -- quality
        quality_tier
    from source

)

select *
from final
order by receipt_id
