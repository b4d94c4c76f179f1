-- Numerators and denominators of every factor of direct combustion: gases in kg, energy in MWh.
with generation as (

    select * from {{ ref('int_generation_total') }}
    where level <> 'node'

),

fossil as (

    select
        level,
        area_code,
        year,
        period_start,
        period_end,
        resolution,
        maturity,
        {% for gas in gases() %}
            sum({{ gas }}_kg) as {{ gas }}_kg,
        {% endfor %}
        sum(generation_mwh) as generation_mwh
    from {{ ref('int_area_period') }}
    where technology in ('coal', 'gas', 'oil') and level <> 'node'
    group by level, area_code, year, period_start, period_end, resolution, maturity
    having sum(generation_mwh) > 0

),

part as (

    {% for kind, basis, relation, energy_column in [
        ('generation_average', "'none'", 'generation', 'generation_mwh'),
        ('fossil_power', "'none'", 'fossil', 'generation_mwh'),
        ('supply_average', 'import_factor_basis', ref('int_supply_amount'), 'supply_mwh'),
        ('consumption_mix', "'network'", ref('int_area_consumption'), 'delivered_mwh'),
        ('residual_mix', "'network'", ref('int_area_residual'), 'delivered_mwh'),
    ] %}
        select
            level,
            area_code,
            year,
            period_start,
            period_end,
            resolution,
            maturity,
            '{{ kind }}' as factor_kind,
            {{ basis }} as import_factor_basis,
            {{ energy_column }} as energy_mwh,
            co2_kg,
            ch4_kg,
            n2o_kg
        from {{ relation }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select *
from part
where energy_mwh > 0
