with consumption as (

    select * from {{ ref('int_area_consumption') }}

),

technology as (

    {% for technology in technologies() %}
        select
            area_code,
            period_start,
            period_end,
            resolution,
            maturity,
            consumed_mwh,
            '{{ technology }}' as technology,
            {{ technology }}_mwh as energy_mwh
        from consumption
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        -- ids
        area_code as region_code,
        period_start,
        period_end,
        resolution,
        technology,

        -- quantities
        cast(energy_mwh as decimal(38, 6)) as consumption_mwh,
        cast(
            round_even(cast(energy_mwh as double) / consumed_mwh, 8) as decimal(18, 8)
        ) as share,

        -- quality
        maturity
    from technology

)

select *
from final
order by region_code, resolution, period_start, technology
