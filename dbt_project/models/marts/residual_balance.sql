-- What the residual mix of an area is made of: the uncertified generation that arrives, and what
-- the area takes from the national pool (or leaves to it), so that its residual demand is met.
with residual as (

    select * from {{ ref('int_area_residual') }}

),

uncertified as (

    select
        member.level,
        member.area_code,
        residual.period_start,
        residual.resolution,
        sum({{ energy('node.consumed_mwh') }}) as consumed_mwh,
        {% for quantity in ['co2_kg', 'ch4_kg', 'n2o_kg', 'lca_co2e_kg'] %}
            sum({{ energy('node.uncertified_' ~ quantity) }}) as {{ quantity }},
        {% endfor %}
        sum({{ energy('node.uncertified_mwh') }}) as energy_mwh
    from residual
    inner join {{ ref('int_node') }} as member
        on residual.level = member.level and residual.area_code = member.area_code
    inner join {{ ref('int_residual_node') }} as node
        on
            member.node_code = node.node_code
            and node.period_start between residual.period_start and residual.period_end
    group by member.level, member.area_code, residual.period_start, residual.resolution

),

final as (

    select
        -- ids
        residual.area_code as region_code,
        residual.period_start,
        residual.period_end,
        residual.resolution,

        -- energy
        cast(uncertified.consumed_mwh as decimal(38, 6)) as consumed_mwh,
        cast(residual.claimed_mwh as decimal(38, 6)) as claimed_mwh,
        cast(uncertified.energy_mwh as decimal(38, 6)) as uncertified_mwh,
        cast(residual.residual_mwh - uncertified.energy_mwh as decimal(38, 6)) as pool_mwh,
        cast(residual.residual_mwh as decimal(38, 6)) as residual_mwh,
        cast(residual.residual_mwh - residual.delivered_mwh as decimal(38, 6)) as storage_loss_mwh,

        -- emissions
        {% for quantity in ['co2_kg', 'ch4_kg', 'n2o_kg', 'lca_co2e_kg'] %}
            cast(uncertified.{{ quantity }} as decimal(38, 6)) as uncertified_{{ quantity }},
            cast(
                residual.{{ quantity }} - uncertified.{{ quantity }} as decimal(38, 6)
            ) as pool_{{ quantity }},
            cast(residual.{{ quantity }} as decimal(38, 6)) as residual_{{ quantity }},
        {% endfor %}

        -- quality
        residual.maturity
    from residual
    inner join uncertified
        on
            residual.level = uncertified.level
            and residual.area_code = uncertified.area_code
            and residual.period_start = uncertified.period_start
            and residual.resolution = uncertified.resolution

)

select *
from final
order by region_code, resolution, period_start
