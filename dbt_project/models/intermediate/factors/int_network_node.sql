-- Nodes of the network systems and what their generation brings along: the official structure
-- (provinces, grid regions; months and years) and the consumption network (nodes; months). There,
-- what is left when claimed energy is taken out goes along as well (`uncertified_`).
{% set claimable = ['biomass', 'hydro', 'wind', 'solar'] %}

with generation as (

    select * from {{ ref('int_generation_total') }}
    where
        level in ('province', 'grid_region')
        or (level = 'node' and resolution = 'month')

),

life_cycle as (

    select * from {{ ref('int_life_cycle_factor') }}

),

claim as (

    select
        claim.node_code,
        claim.period_month,
        sum(claim.issued_mwh) as claimed_mwh,
        {% for technology in claimable %}
            sum(case when claim.technology = '{{ technology }}' then claim.issued_mwh else 0 end)
                as {{ technology }}_mwh,
        {% endfor %}
        sum({{ energy('claim.issued_mwh * 1000 * life_cycle.co2e_kg_per_kwh') }}) as lca_co2e_kg
    from {{ ref('int_claim_node') }} as claim
    inner join life_cycle
        on
            claim.technology = life_cycle.technology
            and extract(year from claim.period_month) = life_cycle.year
    group by claim.node_code, claim.period_month

)

select
    generation.level,
    generation.period_start,
    generation.resolution,
    generation.area_code,
    {% for quantity in carried_quantities() %}
        cast(generation.{{ quantity }} as double) as {{ quantity }},
    {% endfor %}
    {% for technology in technologies() %}
        cast(generation.{{ technology }}_mwh as double) as {{ technology }}_mwh,
    {% endfor %}
    cast(generation.generation_mwh - coalesce(claim.claimed_mwh, 0) as double) as uncertified_mwh,
    {% for technology in claimable %}
        cast(
            generation.{{ technology }}_mwh - coalesce(claim.{{ technology }}_mwh, 0) as double
        ) as uncertified_{{ technology }}_mwh,
    {% endfor %}
    cast(generation.lca_co2e_kg - coalesce(claim.lca_co2e_kg, 0) as double)
        as uncertified_lca_co2e_kg
from generation
left join claim
    on
        generation.level = 'node'
        and generation.area_code = claim.node_code
        and generation.period_start = claim.period_month
order by
    generation.level, generation.period_start, generation.resolution, generation.area_code
