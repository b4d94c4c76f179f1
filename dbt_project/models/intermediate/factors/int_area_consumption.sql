-- Consumption of every area by period and what it carries: its nodes and months together, so that
-- emissions generated are emissions consumed at every level. What storage lost is consumed and
-- delivered to nobody: factors are per kWh delivered.
{% set carried = carried_quantities() | reject('equalto', 'generation_mwh') | list %}

with member as (

    select * from {{ ref('int_node') }}

),

period as (

    select * from {{ ref('int_period') }}

),

-- What was generated within the area itself.
own as (

    select
        member.level,
        member.area_code,
        origin.node_code,
        origin.period_month,
        sum(origin.energy_mwh) as own_mwh
    from {{ ref('int_node_origin') }} as origin
    inner join member on origin.node_code = member.node_code
    inner join member as origin_member
        on
            origin.origin_node_code = origin_member.node_code
            and member.level = origin_member.level
            and member.area_code = origin_member.area_code
    group by member.level, member.area_code, origin.node_code, origin.period_month

),

-- The day on which the last statistic of a month was published.
known as (

    select
        period_start as period_month,
        known_at
    from {{ ref('int_generation_total') }}
    where level = 'nation' and resolution = 'month'

)

select
    member.level,
    member.area_code,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity,
    sum(consumption.consumed_mwh) as consumed_mwh,
    sum(consumption.storage_loss_mwh) as storage_loss_mwh,
    sum(consumption.consumed_mwh - consumption.storage_loss_mwh) as delivered_mwh,
    sum(coalesce(own.own_mwh, 0)) as own_mwh,
    {% for quantity in carried %}
        sum(consumption.{{ quantity }}) as {{ quantity }},
    {% endfor %}
    {% for technology in technologies() %}
        sum(consumption.{{ technology }}_mwh) as {{ technology }}_mwh,
    {% endfor %}
    max(known.known_at) as known_at
from {{ ref('int_node_consumption') }} as consumption
inner join member on consumption.node_code = member.node_code
inner join period
    on consumption.period_month between period.period_start and period.period_end
inner join known on consumption.period_month = known.period_month
left join own
    on
        consumption.period_month = own.period_month
        and consumption.node_code = own.node_code
        and member.level = own.level
        and member.area_code = own.area_code
group by
    member.level,
    member.area_code,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity
having sum(consumption.consumed_mwh) > 0
