-- Retired green certificates and green power by issuing province, technology, month of generation
-- and retiring province, with the judgement whether they count. What contradicts the balances is
-- set aside whole and keeps its volume and reason; nothing is cut to fit:
--   outside_period      its month lies outside the months that generation is derived for
--   technology_lacking  the issuing province generates nothing by that technology in that month
--   above_generation    more is claimed of a province, technology and month than was generated
--   above_consumption   more is claimed in a province and month than was consumed there
with certificate as (

    select * from {{ ref('stg_certificate') }}
    where status = 'retired'

),

generation as (

    select * from {{ ref('int_generation_month') }}

),

period as (

    select distinct period_month from generation

),

consumption as (

    select * from {{ ref('int_balance_month') }}

),

claim as (

    select
        issuing_region_code,
        technology,
        period_month,
        retiring_region_code,
        instrument,
        sum(energy_mwh) as energy_mwh,
        max(known_at) as known_at
    from certificate
    group by issuing_region_code, technology, period_month, retiring_region_code, instrument

),

judged_where_issued as (

    select
        claim.*,
        coalesce(generation.generation_mwh, 0) as generation_mwh,
        case
            when period.period_month is null then 'outside_period'
            when coalesce(generation.generation_mwh, 0) <= 0 then 'technology_lacking'
            when
                sum(claim.energy_mwh) over (
                    partition by
                        claim.issuing_region_code, claim.technology, claim.period_month
                ) > generation.generation_mwh
                then 'above_generation'
        end as reason
    from claim
    left join period on claim.period_month = period.period_month
    left join generation
        on
            claim.issuing_region_code = generation.region_code
            and claim.technology = generation.technology
            and claim.period_month = generation.period_month

),

judged_where_retired as (

    select
        claim.* exclude (reason),
        coalesce(consumption.balanced_consumption_mwh, 0) as consumption_mwh,
        case
            when claim.reason is not null then claim.reason
            when
                sum(case when claim.reason is null then claim.energy_mwh else 0 end) over (
                    partition by claim.retiring_region_code, claim.period_month
                ) > coalesce(consumption.balanced_consumption_mwh, 0)
                then 'above_consumption'
        end as reason
    from judged_where_issued as claim
    left join consumption
        on
            claim.retiring_region_code = consumption.region_code
            and claim.period_month = consumption.period_month

)

select
    issuing_region_code,
    technology,
    period_month,
    retiring_region_code,
    instrument,
    energy_mwh,
    generation_mwh,
    consumption_mwh,
    reason is null as is_counted,
    reason,
    known_at
from judged_where_retired
