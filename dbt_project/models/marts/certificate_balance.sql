with residual as (

    select * from {{ ref('int_area_residual') }}

),

consumption as (

    select * from {{ ref('int_area_consumption') }}

),

claimed as (

    select
        member.level,
        member.area_code,
        period.period_start,
        period.resolution,
        claim.technology,
        sum(claim.retired_mwh) as claimed_mwh
    from {{ ref('int_claim_node') }} as claim
    inner join {{ ref('int_node') }} as member on claim.node_code = member.node_code
    inner join {{ ref('int_period') }} as period
        on claim.period_month between period.period_start and period.period_end
    group by
        member.level, member.area_code, period.period_start, period.resolution, claim.technology

),

life_cycle as (

    select * from {{ ref('int_life_cycle_factor') }}

),

certificate as (

    select coalesce(bool_or(source.quality_tier = 'synthetic'), false) as is_synthetic
    from {{ ref('stg_source') }} as source
    where source.source_id in (select source_id from {{ ref('stg_certificate') }})

),

technology as (

    {% for technology in technologies() %}
        select
            residual.level,
            residual.area_code,
            residual.year,
            residual.period_start,
            residual.period_end,
            residual.resolution,
            residual.maturity,
            '{{ technology }}' as technology,
            consumption.{{ technology }}_mwh as total_mwh,
            residual.residual_{{ technology }}_mwh as residual_mwh
        from residual
        inner join consumption
            on
                residual.level = consumption.level
                and residual.area_code = consumption.area_code
                and residual.period_start = consumption.period_start
                and residual.resolution = consumption.resolution
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        -- ids
        technology.area_code as region_code,
        technology.period_start,
        technology.period_end,
        technology.resolution,
        technology.technology,

        -- quantities
        cast(technology.total_mwh as decimal(38, 6)) as total_mwh,
        cast(coalesce(claimed.claimed_mwh, 0) as decimal(38, 6)) as claimed_mwh,
        cast(technology.residual_mwh as decimal(38, 6)) as residual_mwh,
        cast(
            technology.residual_mwh + coalesce(claimed.claimed_mwh, 0) - technology.total_mwh
            as decimal(38, 6)
        ) as attribute_net_mwh,
        cast({{ energy(
            'technology.residual_mwh * 1000 * life_cycle.co2e_kg_per_kwh'
        ) }} as decimal(38, 6)) as lca_co2e_kg,

        -- quality
        case when certificate.is_synthetic then 'synthetic' else 'modelled' end as quality_tier,
        technology.maturity
    from technology
    inner join life_cycle
        on
            technology.technology = life_cycle.technology
            and technology.year = life_cycle.year
    left join claimed
        on
            technology.level = claimed.level
            and technology.area_code = claimed.area_code
            and technology.period_start = claimed.period_start
            and technology.resolution = claimed.resolution
            and technology.technology = claimed.technology
    cross join certificate

)

select *
from final
order by region_code, resolution, period_start, technology
