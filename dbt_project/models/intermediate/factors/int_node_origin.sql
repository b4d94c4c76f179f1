-- Where a node's consumption of a month was generated, and the emissions that it brings from there.
with origin as (

    select * from {{ ref('int_network_origin') }}

),

generation as (

    select * from {{ ref('int_generation_total') }}
    where level = 'node' and resolution = 'month'

),

consumption as (

    select * from {{ ref('int_node_consumption') }}

),

traced as (

    select
        origin.period_start as period_month,
        origin.area_code as node_code,
        origin.origin_area_code as origin_node_code,
        generation.generation_mwh,
        {% for gas in ['co2_kg', 'ch4_kg', 'n2o_kg', 'lca_co2e_kg'] %}
            generation.{{ gas }},
        {% endfor %}
        cast(consumption.storage_loss_mwh as double) / cast(consumption.consumed_mwh as double)
            as loss_share,
        {{ energy('consumption.consumed_mwh * cast(origin.share as double)') }} as energy_mwh
    from origin
    inner join consumption
        on
            origin.period_start = consumption.period_month
            and origin.area_code = consumption.node_code
    inner join generation
        on
            origin.period_start = generation.period_start
            and origin.origin_area_code = generation.area_code

)

select
    period_month,
    node_code,
    origin_node_code,
    {% for gas in ['co2_kg', 'ch4_kg', 'n2o_kg', 'lca_co2e_kg'] %}
        {{ energy(gas ~ ' * (cast(energy_mwh as double) / generation_mwh)') }} as {{ gas }},
    {% endfor %}
    {{ energy('energy_mwh * loss_share') }} as storage_loss_mwh,
    energy_mwh
from traced
where energy_mwh > 0
