-- Claims by certificate.
select
    issuing_region_code,
    technology,
    period_month,
    retiring_region_code,
    instrument,
    sum(energy_mwh) as energy_mwh,
    true as is_counted
from {{ ref('stg_certificate') }}
where status = 'retired'
group by issuing_region_code, technology, period_month, retiring_region_code, instrument
