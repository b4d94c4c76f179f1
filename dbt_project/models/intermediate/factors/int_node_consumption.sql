-- What each node consumes in a month and what that carries: generation + imports - exports, at the
-- mix of all that runs through the node. Over all nodes it adds up to what is generated. What
-- storage lost of it never reached a user (`storage_loss_mwh`); a province's loss is shared by its
-- nodes as they consume, and is at most a tenth of what they consume.
{% set carried = carried_quantities() | reject('equalto', 'generation_mwh') | list %}

with solution as (

    select * from {{ ref('int_network_solution') }}
    where level = 'node'

),

lost as (

    select
        region_code,
        period_month,
        sum(loss_mwh) as loss_mwh
    from {{ ref('int_storage_month') }}
    group by region_code, period_month

),

share as (

    select
        solution.period_start,
        solution.area_code,
        least(
            coalesce(cast(lost.loss_mwh as double), 0)
            / sum(cast({{ energy('solution.consumed_mwh') }} as double)) over (
                partition by member.area_code, solution.period_start
            ),
            0.1
        ) as loss_share
    from solution
    inner join {{ ref('int_node') }} as member
        on solution.area_code = member.node_code and member.level = 'province'
    left join lost
        on
            member.area_code = lost.region_code
            and solution.period_start = lost.period_month
    where solution.consumed_mwh > 0

)

select
    solution.period_start as period_month,
    solution.area_code as node_code,
    {{ energy('solution.consumed_mwh') }} as consumed_mwh,
    {{ energy('solution.consumed_mwh * coalesce(share.loss_share, 0)') }} as storage_loss_mwh,
    {% for quantity in carried %}
        {{ energy('solution.' ~ quantity) }} as {{ quantity }},
    {% endfor %}
    {% for technology in technologies() %}
        {{ energy('solution.' ~ technology ~ '_mwh') }} as {{ technology }}_mwh,
    {% endfor %}
    {{ energy('solution.uncertified_mwh') }} as uncertified_mwh,
    {% for technology in ['biomass', 'hydro', 'wind', 'solar'] %}
        {{ energy('solution.uncertified_' ~ technology ~ '_mwh') }}
            as uncertified_{{ technology }}_mwh,
    {% endfor %}
    {{ energy('solution.uncertified_lca_co2e_kg') }} as uncertified_lca_co2e_kg
from solution
left join share
    on
        solution.period_start = share.period_start
        and solution.area_code = share.area_code
