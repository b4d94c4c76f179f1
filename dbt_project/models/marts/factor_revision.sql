with revision as (

    select * from {{ ref('stg_factor_revision') }}

),

final as (

    select
        -- ids
        factor_id,
        area_code as region_code,

        -- period
        period_start,
        period_end,
        resolution,
        factor_kind,
        import_factor_basis,

        -- what moved
        known_on,
        previous_value,
        value,
        cast(value - previous_value as decimal(18, 12)) as change,
        cast(round_even(
            cast(value - previous_value as double) / nullif(cast(previous_value as double), 0), 8
        ) as decimal(18, 8)) as relative_change,
        'kg' || gas_scope || '/kWh' as unit,

        -- why
        by_data,
        by_upstream,
        by_method,
        by_correction,
        case greatest(abs(by_data), abs(by_upstream), abs(by_method), abs(by_correction))
            when abs(by_data) then 'data'
            when abs(by_upstream) then 'upstream'
            when abs(by_method) then 'method'
            else 'correction'
        end as main_cause
    from revision

)

select *
from final
order by factor_id, known_on
