-- Every reported transfer and what becomes of it: the rule for its kind, or why it cannot be used.
-- Reports of one series run from one day to ever later months. Where the flows should sum to them,
-- a later one counts for the step beyond the one before, so that no month counts twice; a bound
-- holds over the span that was reported. Where a later report says less, it restates the earlier.
with report as (

    select
        transfer.*,
        concat_ws(
            '.',
            transfer.kind,
            transfer.from_region_code,
            transfer.to_region_codes,
            strftime(transfer.period_start, '%Y%m%d'),
            strftime(transfer.period_end, '%Y%m%d')
        ) as constraint_id,
        region.level as sender_level
    from {{ ref('stg_interregional_transfer') }} as transfer
    left join {{ ref('stg_region') }} as region
        on transfer.from_region_code = region.region_code

),

known_month as (

    select distinct period_month from {{ ref('int_balance_month') }}

),

balanced as (

    select
        report.constraint_id,
        count(known_month.period_month) as months_known
    from report
    left join known_month
        on known_month.period_month between report.period_start and report.period_end
    group by report.constraint_id

),

judged as (

    select
        report.*,
        rule.use,
        rule.measure,
        rule.definition_sd_applies,
        rule.reason_zh,
        rule.reason_en,
        coalesce(source_method.method_id, rule.method_id, 'reported_transfer') as method_id,
        case
            when rule.use is null then 'no_rule'
            when
                report.period_start <> date_trunc('month', report.period_start)
                or report.period_end <> last_day(report.period_end)
                then 'part_of_a_month'
            when extract(year from report.period_start) <> extract(year from report.period_end)
                then 'beyond_a_year'
            when
                balanced.months_known
                <> date_diff('month', report.period_start, report.period_end) + 1
                then 'no_balance'
            when report.energy_mwh <= 0 then 'nothing_sent'
            when
                report.energy_mwh > min(report.energy_mwh) over (
                    partition by
                        report.kind,
                        report.from_region_code,
                        report.to_region_codes,
                        report.period_start
                    order by report.period_end
                    rows between current row and unbounded following
                )
                then 'restated'
        end as not_used
    from report
    inner join balanced on report.constraint_id = balanced.constraint_id
    left join {{ ref('transfer_rule') }} as rule
        on report.kind = rule.kind and report.sender_level = rule.sender_level
    left join {{ ref('transfer_source') }} as source_method
        on report.source_id = source_method.source_id

),

step as (

    select
        constraint_id,
        coalesce(lag(last_day(period_end) + 1) over series, period_start) as step_start,
        energy_mwh - coalesce(lag(energy_mwh) over series, 0) as step_mwh,
        -- Variance of rounding, that of both reports where two are subtracted.
        pow(cast(last_digit_mwh as double), 2) / 12
        + coalesce(pow(cast(lag(last_digit_mwh) over series as double), 2) / 12, 0)
            as rounding_variance_mwh2
    from judged
    where not_used is null and use = 'equality'
    window
        series as (
            partition by kind, from_region_code, to_region_codes, period_start order by period_end
        )

    union all

    select
        constraint_id,
        period_start as step_start,
        energy_mwh as step_mwh,
        pow(cast(last_digit_mwh as double), 2) / 12 as rounding_variance_mwh2
    from judged
    where not_used is null and use = 'upper_bound'

)

select
    judged.constraint_id,
    judged.kind,
    judged.from_region_code,
    judged.to_region_codes,
    judged.sender_level,
    judged.period_start,
    judged.period_end,
    judged.energy_mwh as reported_mwh,
    judged.use,
    judged.measure,
    judged.method_id,
    judged.definition_sd_applies,
    case when step.step_mwh = 0 then 'adds_nothing' else judged.not_used end as not_used,
    judged.reason_zh,
    judged.reason_en,
    cast(step.step_start as date) as step_start,
    cast(step.step_mwh as decimal(38, 6)) as step_mwh,
    judged.last_digit_mwh,
    step.rounding_variance_mwh2,
    judged.source_id,
    judged.known_at
from judged
left join step on judged.constraint_id = step.constraint_id
