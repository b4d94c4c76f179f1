-- One row per earlier release and process that it published, for disclosure control.
select
    published.release_id,
    identity.process_id,
    identity.product_code,
    identity.technology,
    identity.region_code,
    identity.year,
    identity.allocation
from {{ ref('stg_published_dataset') }} as published
inner join {{ ref('int_background_identity') }} as identity
    on published.dataset_id = identity.dataset_id and published.year = identity.year
where published.disclosure in ('open', 'aggregated')
