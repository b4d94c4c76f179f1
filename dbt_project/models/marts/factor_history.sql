with history as (

    select * from {{ ref('stg_factor_history') }}

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

        -- meaning
        factor_kind,
        gas_scope,
        system_boundary,
        import_factor_basis,

        -- since when
        known_on,
        superseded_on,

        -- value
        value,
        'kg' || gas_scope || '/kWh' as unit,
        maturity
    from history

)

select *
from final
order by factor_id, known_on
