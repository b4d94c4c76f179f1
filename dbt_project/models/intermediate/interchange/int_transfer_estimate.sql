-- What the estimated flows sum to for each reported transfer: over the span that was reported, and
-- over the months for which the estimate takes it. Parts count by themselves, where positive, or
-- by their size, as the transfer's measure says.
with constraint_row as (

    select * from {{ ref('int_transfer_constraint') }}

),

flow as (

    select
        period_month,
        from_region_code,
        to_region_code,
        energy_mwh
    from {{ ref('int_interchange_estimate') }}
    where kind = 'flow'

),

span as (

    select
        constraint_id,
        measure,
        'reported' as span,
        period_start as first_month,
        period_end as last_month
    from constraint_row

    union all

    select
        constraint_id,
        measure,
        'step' as span,
        first_month,
        last_month
    from constraint_row
    where use <> 'not_used'

),

part as (

    select
        span.constraint_id,
        span.span,
        span.measure,
        part.part,
        sum({{ energy('part.coefficient * flow.energy_mwh') }}) as energy_mwh
    from span
    inner join {{ ref('int_transfer_part') }} as part
        on span.constraint_id = part.constraint_id
    inner join flow
        on
            part.from_region_code = flow.from_region_code
            and part.to_region_code = flow.to_region_code
            and flow.period_month between span.first_month and span.last_month
    group by span.constraint_id, span.span, span.measure, part.part

)

select
    constraint_id,
    span,
    cast(
        sum(
            case measure
                when 'absolute' then abs(energy_mwh)
                when 'positive' then greatest(energy_mwh, 0)
                else energy_mwh
            end
        ) as decimal(38, 6)
    ) as energy_mwh
from part
group by constraint_id, span
