with source as (

    select * from {{ ref('stg_source') }}

),

final as (

    select
        -- ids
        source_id,

        -- names
        arg_max(title_zh, (known_at, receipt_id)) as title_zh,
        arg_max(title_en, (known_at, receipt_id)) as title_en,
        arg_max(publisher_zh, (known_at, receipt_id)) as publisher_zh,
        arg_max(publisher_en, (known_at, receipt_id)) as publisher_en,

        -- terms
        arg_max(licence, (known_at, receipt_id)) as licence,
        arg_max(access_class, (known_at, receipt_id)) as access_class,
        arg_max(quality_tier, (known_at, receipt_id)) as quality_tier,
        arg_max(found_at, (known_at, receipt_id)) as found_at,

        -- coverage
        cast(count(distinct receipt_id) as integer) as files,
        min(known_at) as known_from,
        max(known_at) as known_to
    from source
    group by source_id

)

select *
from final
order by source_id
