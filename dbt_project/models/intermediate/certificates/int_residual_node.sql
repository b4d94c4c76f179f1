-- What the residual mix starts from: by node and month what is consumed, what its consumers claim,
-- and what the uncertified generation that arrives brings along. Only months with claims.
with consumption as (

    select * from {{ ref('int_node_consumption') }}

),

claimed as (

    select
        node_code,
        period_month,
        sum(retired_mwh) as claimed_mwh
    from {{ ref('int_claim_node') }}
    group by node_code, period_month

),

month as (

    select distinct period_month from claimed

)

select
    consumption.period_month as period_start,
    consumption.node_code,
    cast(consumption.consumed_mwh as double) as consumed_mwh,
    cast(coalesce(claimed.claimed_mwh, 0) as double) as claimed_mwh,
    cast(consumption.uncertified_mwh as double) as uncertified_mwh,
    {% for technology in technologies() %}
        {% set claimable = technology in ['biomass', 'hydro', 'wind', 'solar'] %}
        cast(
            consumption.{{ 'uncertified_' if claimable }}{{ technology }}_mwh as double
        ) as uncertified_{{ technology }}_mwh,
    {% endfor %}
    {% for gas in gases() %}
        cast(consumption.{{ gas }}_kg as double) as uncertified_{{ gas }}_kg,
    {% endfor %}
    cast(consumption.uncertified_lca_co2e_kg as double) as uncertified_lca_co2e_kg
from consumption
inner join month on consumption.period_month = month.period_month
left join claimed
    on
        consumption.node_code = claimed.node_code
        and consumption.period_month = claimed.period_month
order by consumption.period_month, consumption.node_code
