-- One row per figure that is to be published, before rounding: of open and aggregated datasets that
-- are computed anew. `row_key` is the key of the row within the dataset.
with dataset as (

    select * from {{ ref('int_dataset_state') }}
    where disclosure in ('open', 'aggregated') and not is_held

),

score as (

    select
        dataset.dataset_id,
        score.indicator as row_key,
        score.value,
        interval.median,
        interval.lower_95,
        interval.upper_95
    from dataset
    inner join {{ ref('int_life_cycle_score') }} as score on dataset.process_id = score.process_id
    inner join {{ ref('int_life_cycle_interval') }} as interval
        on score.process_id = interval.process_id and score.indicator = interval.indicator

),

exchange as (

    select
        dataset.dataset_id,
        cast(exchange.exchange_no as varchar) as row_key,
        exchange.amount,
        exchange.sigma
    from dataset
    inner join {{ ref('int_life_cycle_exchange') }} as exchange
        on dataset.process_id = exchange.process_id
    where dataset.disclosure = 'open'

),

inventory as (

    select
        dataset.dataset_id,
        inventory.flow_id as row_key,
        inventory.amount
    from dataset
    inner join {{ ref('int_life_cycle_inventory') }} as inventory
        on dataset.process_id = inventory.process_id
    where dataset.process_type = 'result'

),

contribution as (

    select
        dataset_id,
        contribution_key as row_key,
        value
    from {{ ref('int_shown_contribution') }}

),

sensitivity as (

    select
        dataset_id,
        indicator as row_key,
        electricity_amount,
        change_per_percent,
        elasticity
    from {{ ref('int_shown_sensitivity') }}

),

unallocated as (

    select
        dataset_id,
        cast(exchange_no as varchar) as row_key,
        amount
    from {{ ref('int_shown_unallocated') }}

),

grade as (

    select
        product_code as dataset_id,
        cast(grade as varchar) as row_key,
        above,
        up_to
    from {{ ref('int_product_grade') }}

)

{% set tables = {
    'background_score': ('score', ['value', 'median', 'lower_95', 'upper_95']),
    'background_exchange': ('exchange', ['amount', 'sigma']),
    'background_unallocated': ('unallocated', ['amount']),
    'background_inventory': ('inventory', ['amount']),
    'background_contribution': ('contribution', ['value']),
    'electricity_sensitivity': (
        'sensitivity', ['electricity_amount', 'change_per_percent', 'elasticity']
    ),
    'background_grade': ('grade', ['above', 'up_to']),
} %}
{% for table, (relation, columns) in tables.items() %}
    {% set last = loop.last %}
    {% for column in columns %}
        select
            '{{ table }}' as table_name,
            dataset_id,
            row_key,
            '{{ column }}' as column_name,
            cast({{ column }} as double) as value
        from {{ relation }}
        where {{ column }} is not null
        {% if not (last and loop.last) %}union all{% endif %}
    {% endfor %}
{% endfor %}
