-- The generation series of the statistics, made whole in time: months as reported, and the
-- wind months that the series lacks.
with reported as (

    select * from {{ ref('int_monthly_statistic') }}
    where flow = 'generation'

),

wind_december as (

    select * from {{ ref('int_wind_december') }}

),

wind_gap as (

    select * from {{ ref('int_wind_gap') }}

),

wind_carried as (

    select * from {{ ref('int_wind_carried') }}

)

{% for part in ['reported', 'wind_december', 'wind_gap', 'wind_carried'] %}
    select
        region_code,
        technology,
        year,
        month,
        period_month,
        energy_mwh,
        method_id,
        source_id,
        known_at
    from {{ part }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
