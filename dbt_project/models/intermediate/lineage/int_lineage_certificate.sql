-- Certificates that count in a province-month: issued there, or retired there.
with claim as (

    select
        cell.cell_id,
        claim.period_month,
        claim.technology,
        claim.issuing_region_code,
        claim.retiring_region_code
    from {{ ref('int_certificate_claim') }} as claim
    inner join {{ ref('stg_certificate') }} as certificate
        on
            claim.issuing_region_code = certificate.issuing_region_code
            and claim.retiring_region_code = certificate.retiring_region_code
            and claim.technology = certificate.technology
            and claim.period_month = certificate.period_month
            and claim.instrument = certificate.instrument
            and certificate.status = 'retired'
    inner join {{ ref('int_input_cell') }} as cell
        on
            cell.raw_table = 'certificate'
            and certificate.certificate_id = cell.detail
    where claim.is_counted

)

select
    issuing_region_code as region_code,
    period_month,
    'certificate' as component,
    'issued' as role,
    technology,
    'certificate_registry' as method_id,
    cell_id
from claim

union all

select
    retiring_region_code as region_code,
    period_month,
    'certificate' as component,
    'retired' as role,
    technology,
    'certificate_registry' as method_id,
    cell_id
from claim
