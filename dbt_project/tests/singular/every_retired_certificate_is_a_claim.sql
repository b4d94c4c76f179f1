-- Setting claims aside neither makes nor loses energy: what was retired stands among the claims,
-- counted or with its reason.
{{ config(meta={'dagster': {'ref': {'name': 'int_certificate_claim'}}}) }}

with retired as (

    select
        technology,
        sum(energy_mwh) as energy_mwh
    from {{ ref('stg_certificate') }}
    where status = 'retired'
    group by technology

),

claimed as (

    select
        technology,
        sum(energy_mwh) as energy_mwh,
        count(*) filter (where is_counted = (reason is not null)) as without_judgement
    from {{ ref('int_certificate_claim') }}
    group by technology

)

select
    coalesce(retired.technology, claimed.technology) as technology,
    retired.energy_mwh as retired_mwh,
    claimed.energy_mwh as claimed_mwh,
    claimed.without_judgement
from retired
full join claimed on retired.technology = claimed.technology
where
    retired.energy_mwh is distinct from claimed.energy_mwh
    or claimed.without_judgement is distinct from 0
