-- One row per certificate: what was known of it last, so that no volume can count twice. A later
-- row of the same id is a revision. Rows of one id that became known on the same day and differ
-- contradict each other: none of them is taken, stg_certificate_double keeps them.
{% set key = ['certificate_id'] %}

with known as (

    {{ as_known('certificate', key) }}

)

select
    -- ids
    known.certificate_id,
    known.issuing_region_code,
    known.retiring_region_code,
    known.technology,
    known.instrument,
    known.status,

    -- period
    known.period_month,
    cast(extract(year from known.period_month) as integer) as year,
    known.retired_on,

    -- quantities
    known.energy_mwh,

    -- evidence
    known.source_id,
    known.receipt_id,
    known.sheet,
    known.row_number,
    known.known_at
from known
where
    known.certificate_id not in (
        select double_claim.certificate_id from {{ ref('stg_certificate_double') }} as double_claim
    )
