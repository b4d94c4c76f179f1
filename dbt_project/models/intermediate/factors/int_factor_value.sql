-- Every factor, one row each, in kg per kWh: single gases and CO2e (each GWP set an axis of its own)
-- of direct combustion, life-cycle CO2e as published.
with amount as (

    select * from {{ ref('int_direct_amount') }}

),

per_kwh as (

    select
        * exclude (energy_mwh, co2_kg, ch4_kg, n2o_kg),
        {% for gas in gases() %}
            cast({{ gas }}_kg as double) / cast(energy_mwh as double) / 1000
                as {{ gas }}{{ "," if not loop.last }}
        {% endfor %}
    from amount

),

direct as (

    {% for gas in gases() %}
        select
            * exclude (co2, ch4, n2o),
            '{{ gas | upper }}' as gas_scope,
            'none' as gwp_set,
            {{ gas }} as value
        from per_kwh

        union all
    {% endfor %}

    select
        per_kwh.* exclude (co2, ch4, n2o),
        'CO2e' as gas_scope,
        gwp.gwp_set,
        per_kwh.co2 + per_kwh.ch4 * gwp.ch4 + per_kwh.n2o * gwp.n2o as value
    from per_kwh
    cross join {{ ref('int_gwp_set') }} as gwp

)

select
    level,
    area_code,
    year,
    period_start,
    period_end,
    resolution,
    maturity,
    factor_kind,
    import_factor_basis,
    'all' as technology,
    gas_scope,
    gwp_set,
    'direct_combustion' as system_boundary,
    false as includes_td_losses,
    value
from direct

union all

select
    level,
    area_code,
    year,
    period_start,
    period_end,
    resolution,
    maturity,
    factor_kind,
    import_factor_basis,
    technology,
    'CO2e' as gas_scope,
    'as_published' as gwp_set,
    system_boundary,
    includes_td_losses,
    value
from {{ ref('int_life_cycle_value') }}
