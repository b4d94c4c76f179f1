-- The monthly statistics: the months that are known, and after them those of the nowcast.
with known as (

    select * from {{ ref('int_known_month') }}

),

nowcast as (

    select * from {{ ref('int_nowcast_month') }}

)

{% for part in ['known', 'nowcast'] %}
    select
        region_code,
        flow,
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
