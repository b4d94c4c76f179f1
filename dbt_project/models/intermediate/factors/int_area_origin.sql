-- Where an area's consumption of a period was generated: its nodes and months together.
with member as (

    select * from {{ ref('int_node') }}

),

origin_member as (

    select
        node_code,
        area_code as region_code
    from {{ ref('int_node') }}
    where level = 'province'

),

period as (

    select * from {{ ref('int_period') }}

)

select
    member.level,
    member.area_code,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity,
    origin_member.region_code as origin_region_code,
    {% for gas in ['co2_kg', 'ch4_kg', 'n2o_kg', 'lca_co2e_kg'] %}
        sum(origin.{{ gas }}) as {{ gas }},
    {% endfor %}
    sum(origin.storage_loss_mwh) as storage_loss_mwh,
    sum(origin.energy_mwh) as energy_mwh
from {{ ref('int_node_origin') }} as origin
inner join member on origin.node_code = member.node_code
inner join origin_member on origin.origin_node_code = origin_member.node_code
inner join period
    on origin.period_month between period.period_start and period.period_end
group by all
