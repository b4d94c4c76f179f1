-- One row per reported transfer: how the interchange estimate uses it, over which months, how well
-- it is known - or why it is not used. Nothing reported is dropped. How well: the pedigree of the
-- report, the rounding of its figures, and - where a figure that is gross and metered where it is
-- sent stands for a net flow - what both differ by in meaning (`transfer_sd`).
with reported as (

    select * from {{ ref('int_transfer_report') }}

),

reachable as (

    select distinct constraint_id from {{ ref('int_transfer_part') }}

),

judged as (

    select
        reported.* exclude (not_used),
        pow(quality.relative_sd, 2)
        + case
            when reported.definition_sd_applies then pow({{ var('transfer_sd') }}, 2) else 0
        end as method_variance,
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
    -- ids
    judged.constraint_id,
    judged.kind,
    judged.from_region_code,
    judged.to_region_codes,

    -- as reported
    judged.period_start,
    judged.period_end,
    judged.reported_mwh,
    cast(
        sqrt(
            judged.method_variance
            + coalesce(
                pow(cast(judged.last_digit_mwh as double), 2)
                / 12
                / nullif(pow(cast(judged.reported_mwh as double), 2), 0),
                0
            )
        ) as decimal(9, 6)
    ) as reported_relative_sd,

    -- as the estimate takes it: what the report adds to the one before it
    case when judged.not_used is null then judged.use else 'not_used' end as use,
    coalesce(judged.measure, 'signed') as measure,
    case when judged.not_used is null then judged.step_start end as first_month,
    case
        when judged.not_used is null then cast(date_trunc('month', judged.period_end) as date)
    end as last_month,
    case when judged.not_used is null then judged.step_mwh end as energy_mwh,
    case
        when judged.not_used is null
            then cast(
                sqrt(
                    judged.method_variance
                    + judged.rounding_variance_mwh2 / pow(cast(judged.step_mwh as double), 2)
                ) as decimal(9, 6)
            )
    end as relative_sd,

    -- evidence
    judged.method_id,
    case when judged.not_used is null then judged.reason_zh else refusal.reason_zh end as reason_zh,
    case when judged.not_used is null then judged.reason_en else refusal.reason_en end as reason_en,
    judged.source_id,
    judged.known_at
from judged
left join {{ ref('transfer_refusal') }} as refusal on judged.not_used = refusal.reason
order by judged.constraint_id
