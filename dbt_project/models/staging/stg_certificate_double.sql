-- Certificates that several rows, known on the same last day, describe differently: retired twice,
-- or told in two ways by two files. One row per contradicting row; none of them counts.
with known as (

    select certificate.*
    from {{ source('raw', 'certificate') }} as certificate
    cross join {{ ref('stg_as_of') }} as knowledge
    where certificate.known_at <= knowledge.statistics_as_of
    qualify
        certificate.known_at = max(certificate.known_at) over (
            partition by certificate.certificate_id
        )

),

told as (

    select
        *,
        count(distinct row(
            issuing_region_code,
            technology,
            period_month,
            energy_mwh,
            instrument,
            status,
            coalesce(retiring_region_code, ''),
            coalesce(cast(retired_on as varchar), '')
        )) over (partition by certificate_id) as tellings
    from known

)

select
    -- ids
    certificate_id,
    issuing_region_code,
    retiring_region_code,
    technology,
    status,

    -- period
    period_month,
    retired_on,

    -- quantities
    energy_mwh,
    tellings,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from told
where tellings > 1
