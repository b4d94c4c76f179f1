-- One row per elementary flow and indicator, `gwp100.<set>.<boundary>`, kg CO2e per kg. Zeros stand
-- here on purpose; a gas for which a set has no potential has no row: the readiness gate tells.
-- Boundaries (ISO 14067):
--   total                 all gases; biogenic CO2 counts nothing, neither in nor out (0/0)
--   total_incl_uptake     biogenic CO2 counts as emitted and as taken up (+1/-1)
--   fossil, land_use      their gases; N2O and fluorinated gases are fossil
--   biogenic              biogenic CH4
--   biogenic_emission     biogenic CO2 and CH4 emitted
--   biogenic_uptake       CO2 taken up, negative
--   biogenic_incl_uptake  the sum of the two
-- total = fossil + land_use + biogenic, and total_incl_uptake = fossil + land_use +
-- biogenic_incl_uptake.
{% set boundaries = {
    'total': ['fossil', 'land_use', 'biogenic_gas'],
    'total_incl_uptake': ['fossil', 'land_use', 'biogenic_gas', 'biogenic_carbon', 'uptake'],
    'fossil': ['fossil'],
    'land_use': ['land_use'],
    'biogenic': ['biogenic_gas'],
    'biogenic_emission': ['biogenic_gas', 'biogenic_carbon'],
    'biogenic_uptake': ['uptake'],
    'biogenic_incl_uptake': ['biogenic_gas', 'biogenic_carbon', 'uptake'],
} %}

with flow as (

    select
        flow.flow_id,
        gas.*
    from {{ ref('stg_elementary_flow') }} as flow
    inner join {{ ref('flow_gas') }} as gas on flow.gas = gas.gas

),

-- Of several documents of one set the one with the most gases, then the older: never mixed.
potential as (

    select
        gwp_set,
        gas,
        value
    from (
        select
            *,
            count(*) over (partition by gwp_set, guideline) as gases
        from {{ ref('stg_gwp') }}
        where gwp_set in ('AR4', 'AR5', 'AR6')
    )
    qualify row_number() over (
        partition by gwp_set, gas
        order by gases desc, known_at asc, guideline asc
    ) = 1

),

gwp_set as (

    select distinct gwp_set from potential

),

valued as (

    select
        flow.flow_id,
        gwp_set.gwp_set,
        flow.line,
        -- CO2 is the unit that potentials are counted in.
        flow.sign * case
            when flow.gwp_gas = 'CO2' then 1 else coalesce(by_origin.value, general.value)
        end as factor
    from flow
    cross join gwp_set
    left join potential as by_origin
        on flow.gwp_gas_by_origin = by_origin.gas and gwp_set.gwp_set = by_origin.gwp_set
    left join potential as general
        on flow.gwp_gas = general.gas and gwp_set.gwp_set = general.gwp_set

),

boundary as (

    {% for boundary, lines in boundaries.items() %}
        {% set outer_loop = loop %}
        {% for line in lines %}
            select
                '{{ boundary }}' as boundary,
                '{{ line }}' as line
            {% if not (loop.last and outer_loop.last) %}union all{% endif %}
        {% endfor %}
    {% endfor %}

),

boundary_name as (

    select distinct boundary from boundary

)

select
    valued.flow_id,
    'gwp100.' || lower(valued.gwp_set) || '.' || boundary_name.boundary as indicator,
    case when boundary.line is null then 0 else valued.factor end as factor
from valued
cross join boundary_name
left join boundary
    on valued.line = boundary.line and boundary_name.boundary = boundary.boundary
where valued.factor is not null
