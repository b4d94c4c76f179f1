-- One row per reported transfer: how the interchange estimate uses it, over which months, how well
-- it is known - or why it is not used. Nothing reported is dropped. What is taken as a net flow
-- although it is gross and metered where it is sent differs by definition too (`transfer_sd`).
with reported as (

    select * from {{ ref('int_transfer_report') }}

),

reachable as (

    select distinct constraint_id from {{ ref('int_transfer_part') }}

),

judged as (

    select
        reported.* exclude (not_used),
        quality.relative_sd as method_sd,
        case
            when reported.not_used is not null then reported.not_used
            when reachable.constraint_id is null then 'no_corridor'
        end as not_used
    from reported
    inner join {{ ref('int_method_quality') }} as quality
        on reported.method_id = quality.method_id
    left join reachable on reported.constraint_id = reachable.constraint_id

)

select
    judged.constraint_id,
    judged.kind,
    judged.from_region_code,
    judged.to_region_codes,
    judged.period_start,
    judged.period_end,
    judged.reported_mwh,
    case when judged.not_used is null then judged.use else 'not_used' end as use,
    coalesce(judged.measure, 'signed') as measure,
    case when judged.not_used is null then judged.step_start else judged.period_start end
        as first_month,
    cast(date_trunc('month', judged.period_end) as date) as last_month,
    case when judged.not_used is null then judged.step_mwh else judged.reported_mwh end
        as energy_mwh,
    cast(
        case
            when judged.definition_sd_applies
                then sqrt(pow(judged.method_sd, 2) + pow({{ var('transfer_sd') }}, 2))
            else judged.method_sd
        end as decimal(9, 6)
    ) as relative_sd,
    judged.method_id,
    case when judged.not_used is null then judged.reason_zh else refusal.reason_zh end as reason_zh,
    case when judged.not_used is null then judged.reason_en else refusal.reason_en end as reason_en,
    judged.source_id,
    judged.known_at
from judged
left join {{ ref('transfer_refusal') }} as refusal on judged.not_used = refusal.reason
order by judged.constraint_id
