-- One row per exchange of a process, per unit of its product (methods/technosphere.py): amounts are
-- positive, the direction carries the sign; an output of kind product is a credit.
--   sigma         of ln(amount); 0 is certain
--   share_group   shares of a market, which are renormalised when they are sampled
--   dqr_*         the worse of the amount's own evidence and of what it is linked to
-- Inputs without provider stand here with a null, and in int_open_input.
with flow as (

    select * from {{ ref('stg_elementary_flow') }}

),

variance as (

    select * from {{ ref('int_pedigree_variance') }}

),

process as (

    select * from {{ ref('int_process') }}

),

-- What the pedigree of a class of evidence makes of each type of exchange, completeness apart.
evidence as (

    select
        evidence.*,
        basic.exchange_type,
        power(ln(basic.factor) / 2, 2)
        {%- for indicator in pedigree_indicators() if indicator != 'completeness' %}
            + {{ indicator }}_variance.variance
        {%- endfor %} as variance
    from {{ ref('exchange_evidence') }} as evidence
    cross join {{ ref('basic_uncertainty') }} as basic
    {% for indicator in pedigree_indicators() if indicator != 'completeness' %}
        inner join variance as {{ indicator }}_variance
            on
                {{ indicator }}_variance.indicator = '{{ indicator }}'
                and {{ indicator }}_variance.score = evidence.{{ indicator }}
    {% endfor %}

),

provider_evidence as (

    select * from {{ ref('provider_evidence') }}

),

electricity as (

    select * from {{ ref('int_electricity_process') }}

),

-- What plants take from somebody.
taken as (

    select
        exchange.process_id,
        exchange.kind,
        exchange.direction,
        {{ product_flow_id('exchange.item') }} as flow_id,
        provider.provider_id,
        exchange.item as product_code,
        exchange.amount,
        exchange.unit,
        exchange.origin,
        exchange.stage,
        exchange.sigma,
        {% for score in rating_scores() %}
            greatest(
                exchange.{{ score }},
                coalesce(provider_evidence.{{ score }}, 5),
                coalesce(electricity.{{ score }}, 1),
                {% if score == 'dqr_ti' %}
                    {{ temporal_score(
                        'coalesce(provider.provider_year, provider.year) - provider.year'
                    ) }},
                {% endif %}
                1
            ) as {{ score }},
        {% endfor %}
        cast(null as varchar) as share_group
    from {{ ref('int_cell_exchange') }} as exchange
    inner join {{ ref('int_cell') }} as cell on exchange.process_id = cell.process_id
    inner join {{ ref('int_input_provider') }} as provider
        on
            exchange.kind = provider.kind
            and exchange.item = provider.product_code
            and exchange.unit = provider.unit
            and exchange.provider_region = provider.provider_region
            and exchange.supply = provider.supply
            and case when exchange.supply = '' then '' else cell.region_code end
            = provider.consumer_region
            and cell.year = provider.year
    left join provider_evidence on provider.provider_type = provider_evidence.provider_type
    left join electricity on provider.provider_id = electricity.process_id
    where exchange.kind in ('product', 'waste')

),

given_off as (

    select
        exchange.process_id,
        exchange.kind,
        exchange.direction,
        flow.flow_id,
        cast(null as varchar) as provider_id,
        cast(null as varchar) as product_code,
        exchange.amount,
        exchange.unit,
        exchange.origin,
        exchange.stage,
        exchange.sigma,
        {% for score in rating_scores() %}
            exchange.{{ score }},
        {% endfor %}
        cast(null as varchar) as share_group
    from {{ ref('int_cell_exchange') }} as exchange
    left join flow on exchange.item = flow.gas
    where exchange.kind = 'elementary'

),

mixed as (

    select
        share.market_id as process_id,
        'product' as kind,
        'input' as direction,
        {{ product_flow_id('share.product_code') }} as flow_id,
        share.provider_id,
        share.product_code,
        cast(share.share as double) as amount,
        share.unit,
        evidence.origin,
        {{ product_stage('share.product_code') }} as stage,
        -- A market of one supplier is certain.
        case when share.share = 1 then 0 else round(sqrt(evidence.variance), 9) end as sigma,
        {% for score in rating_scores() %}
            cast(evidence.{{ score }} as double) as {{ score }},
        {% endfor %}
        'market' as share_group
    from {{ ref('int_market_share') }} as share
    inner join evidence
        on evidence.evidence = 'market_share' and evidence.exchange_type = 'demand'
    where share.share > 0

),

default_inventory as (

    select
        process.process_id,
        'elementary' as kind,
        coalesce(flow.direction, 'output') as direction,
        flow.flow_id,
        cast(null as varchar) as provider_id,
        cast(null as varchar) as product_code,
        inventory.kg_per_unit as amount,
        'kg' as unit,
        evidence.origin,
        {{ product_stage('process.product_code') }} as stage,
        round(sqrt(evidence.variance + completeness.variance), 9) as sigma,
        {% for score in rating_scores() %}
            cast(evidence.{{ score }} as double) as {{ score }},
        {% endfor %}
        cast(null as varchar) as share_group
    from process
    inner join {{ ref('stg_background_default') }} as inventory
        on process.product_code = inventory.product_code
    left join flow on inventory.gas = flow.gas
    inner join evidence
        on
            evidence.evidence = 'default_inventory'
            and case
                when inventory.gas like 'co2%' then 'co2'
                when inventory.gas like 'ch4%' then 'ch4_process'
                when inventory.gas = 'n2o' then 'n2o_process'
                else 'halogenated_process'
            end = evidence.exchange_type
    inner join variance as completeness
        on
            -- Nobody knows for how much of the producers a default stands.
            completeness.indicator = 'completeness' and completeness.score = 5
    where process.process_type = 'default'

),

generated as (

    select
        electricity.process_id,
        'elementary' as kind,
        'output' as direction,
        flow.flow_id,
        cast(null as varchar) as provider_id,
        cast(null as varchar) as product_code,
        electricity.co2e_kg_per_kwh as amount,
        'kg' as unit,
        evidence.origin,
        'electricity' as stage,
        electricity.sigma,
        {% for score in rating_scores() %}
            coalesce(electricity.{{ score }}, 5) as {{ score }},
        {% endfor %}
        cast(null as varchar) as share_group
    from electricity
    left join flow on flow.gas = 'co2e_electricity'
    inner join {{ ref('exchange_evidence') }} as evidence on evidence.evidence = 'official_factor'

),

exchange as (

    {% for part in ['taken', 'given_off', 'mixed', 'default_inventory', 'generated'] %}
        select * from {{ part }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    process_id,
    cast(
        row_number() over (
            partition by process_id
            order by
                kind, direction, product_code, flow_id, provider_id, stage, origin, unit, amount,
                sigma, dqr_te, dqr_ge, dqr_ti, dqr_p
        ) as integer
    ) as exchange_no,
    kind,
    direction,
    flow_id,
    provider_id,
    product_code,
    amount,
    unit,
    origin,
    stage,
    cast(sigma as double) as sigma,
    {% for score in rating_scores() %}
        cast({{ score }} as double) as {{ score }},
    {% endfor %}
    share_group
from exchange
