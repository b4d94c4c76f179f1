-- Reported transfers against the flows that were estimated, one by one. Standard deviations are
-- relative to the reported figure; a bound is only broken from above.
with constraint_row as (

    select * from {{ ref('int_transfer_constraint') }}
    where period_end <= last_day(cast('{{ var("release_month") }}-01' as date))

),

known_month as (

    select distinct period_month from {{ ref('int_balance_month') }}

),

-- What was not estimated in whole months of the span cannot be compared with it.
comparable as (

    select constraint_row.constraint_id
    from constraint_row
    inner join known_month
        on
            constraint_row.period_start <= known_month.period_month
            and last_day(known_month.period_month) <= constraint_row.period_end
    group by
        constraint_row.constraint_id, constraint_row.period_start, constraint_row.period_end
    having
        sum(extract(day from last_day(known_month.period_month)))
        = date_diff('day', constraint_row.period_start, constraint_row.period_end) + 1

),

estimated as (

    select
        constraint_row.*,
        whole.energy_mwh as estimated_mwh,
        step.energy_mwh as step_estimated_mwh
    from constraint_row
    left join comparable on constraint_row.constraint_id = comparable.constraint_id
    left join {{ ref('int_transfer_estimate') }} as whole
        on comparable.constraint_id = whole.constraint_id and whole.span = 'reported'
    left join {{ ref('int_transfer_estimate') }} as step
        on constraint_row.constraint_id = step.constraint_id and step.span = 'step'

),

compared as (

    select
        *,
        cast(estimated_mwh - reported_mwh as double) / nullif(reported_mwh, 0) as deviation,
        cast(step_estimated_mwh - energy_mwh as double) / energy_mwh as step_deviation
    from estimated

),

final as (

    select
        -- ids
        kind,
        from_region_code,
        to_region_codes,
        period_start,
        period_end,
        use,

        -- the figure as reported
        cast(reported_mwh as decimal(38, 6)) as reported_mwh,
        cast(estimated_mwh as decimal(38, 6)) as estimated_mwh,
        cast(deviation as decimal(18, 8)) as deviation,
        cast(reported_relative_sd as decimal(9, 6)) as relative_sd,
        cast(deviation / reported_relative_sd as decimal(18, 6)) as z_score,
        case
            when use = 'equality' then abs(deviation) <= 1.96 * reported_relative_sd
            when use = 'upper_bound' then deviation <= 1.96 * reported_relative_sd
        end as within_95,

        -- what it adds to the report before it, as the estimate takes it
        first_month as step_start,
        cast(energy_mwh as decimal(38, 6)) as step_mwh,
        cast(step_estimated_mwh as decimal(38, 6)) as step_estimated_mwh,
        cast(relative_sd as decimal(9, 6)) as step_relative_sd,
        cast(
            case
                when use = 'equality' then step_deviation / pow(relative_sd, 2)
                when use = 'upper_bound' then greatest(step_deviation, 0) / pow(relative_sd, 2)
            end as decimal(18, 6)
        ) as multiplier,

        -- evidence
        method_id,
        source_id,
        reason_zh,
        reason_en
    from compared

)

select *
from final
order by kind, from_region_code, to_region_codes, period_start, period_end
