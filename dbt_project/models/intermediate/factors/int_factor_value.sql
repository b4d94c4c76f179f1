-- Every factor, one row each, in kg per kWh: single gases and CO2e of direct combustion (each GWP
-- set an axis of its own), life-cycle CO2e as published.
with amount as (

    select * from {{ ref('int_direct_amount') }}

),

per_kwh as (

    select
        level,
        area_code,
        year,
        period_start,
        period_end,
        resolution,
        maturity,
        factor_kind,
        {% for gas in gases() %}
            cast({{ gas }}_kg as double) / cast(energy_mwh as double) / 1000 as {{ gas }},
        {% endfor %}
        import_factor_basis
    from amount

),

direct as (

    {% for gas in gases() %}
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
            '{{ gas | upper }}' as gas_scope,
            'none' as gwp_set,
            {{ gas }} as value
        from per_kwh

        union all
    {% endfor %}

    select
        per_kwh.level,
        per_kwh.area_code,
        per_kwh.year,
        per_kwh.period_start,
        per_kwh.period_end,
        per_kwh.resolution,
        per_kwh.maturity,
        per_kwh.factor_kind,
        per_kwh.import_factor_basis,
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
