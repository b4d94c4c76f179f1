-- Nothing that was reported is dropped: each transfer up to the release month stands in the fit
-- once, used or with the reason why not.
{{ config(meta={'dagster': {'ref': {'name': 'interchange_fit'}}}) }}

with reported as (

    select
        kind,
        from_region_code,
        to_region_codes,
        period_start,
        period_end,
        energy_mwh
    from {{ ref('stg_interregional_transfer') }}
    where period_end <= last_day(cast('{{ var("release_month") }}-01' as date))

),

compared as (

    select * from {{ ref('interchange_fit') }}

)

select
    reported.*,
    compared.reported_mwh,
    compared.use
from reported
full join compared
    on
        reported.kind = compared.kind
        and reported.from_region_code = compared.from_region_code
        and reported.to_region_codes = compared.to_region_codes
        and reported.period_start = compared.period_start
        and reported.period_end = compared.period_end
where
    reported.energy_mwh is distinct from compared.reported_mwh
    or (compared.use <> 'not_used') <> (compared.step_mwh is not null)
