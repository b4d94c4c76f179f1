-- The residual mix of every area by period: its nodes and months together. A year needs claims in
-- each of its months. What storage loses is lost of the residual as of all consumption.
with member as (

    select * from {{ ref('int_node') }}

),

period as (

    select * from {{ ref('int_period') }}

),

consumption as (

    select * from {{ ref('int_node_consumption') }}

),

claimed as (

    select
        node_code,
        period_month,
        sum(retired_mwh) as claimed_mwh
    from {{ ref('int_claim_node') }}
    group by node_code, period_month

)

select
    member.level,
    member.area_code,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity,
    sum(coalesce(claimed.claimed_mwh, 0)) as claimed_mwh,
    {% for technology in technologies() %}
        sum({{ energy('residual.residual_' ~ technology ~ '_mwh') }})
            as residual_{{ technology }}_mwh,
    {% endfor %}
    {% for gas in ['co2_kg', 'ch4_kg', 'n2o_kg', 'lca_co2e_kg'] %}
        sum({{ energy('residual.residual_' ~ gas) }}) as {{ gas }},
    {% endfor %}
    sum({{ energy('residual.residual_mwh') }}) as residual_mwh,
    sum({{ energy(
        'residual.residual_mwh'
        ~ ' * (1 - cast(consumption.storage_loss_mwh as double) / consumption.consumed_mwh)'
    ) }}) as delivered_mwh
from {{ ref('int_residual_month') }} as residual
inner join consumption
    on
        residual.node_code = consumption.node_code
        and residual.period_start = consumption.period_month
inner join member on residual.node_code = member.node_code
inner join period
    on residual.period_start between period.period_start and period.period_end
left join claimed
    on
        residual.node_code = claimed.node_code
        and residual.period_start = claimed.period_month
group by
    member.level,
    member.area_code,
    period.year,
    period.period_start,
    period.period_end,
    period.resolution,
    period.maturity
having
    count(distinct residual.period_start) = case period.resolution when 'year' then 12 else 1 end
    and sum({{ energy('residual.residual_mwh') }}) > 0
