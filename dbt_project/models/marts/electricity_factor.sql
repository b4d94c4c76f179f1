with value as (

    select * from {{ ref('int_factor_value') }}

),

interval as (

    select * from {{ ref('int_factor_interval') }}
    union all
    select * from {{ ref('int_technology_interval') }}

),

quality as (

    select * from {{ ref('int_factor_quality') }}

),

region as (

    select * from {{ ref('stg_region') }}

),

sources as (

    select * from {{ ref('int_source_list') }}

),

life_cycle as (

    select * from {{ ref('int_life_cycle_factor') }}

),

-- Whether the claims are an example and no registry's.
certificate as (

    select coalesce(bool_or(source.quality_tier = 'synthetic'), false) as is_synthetic
    from {{ ref('stg_source') }} as source
    where source.source_id in (select source_id from {{ ref('stg_certificate') }})

),

described as (

    select
        value.*,
        region.name_zh,
        region.name_en,
        interval.median,
        interval.lower_95,
        interval.upper_95,
        {% for part in quality_parts() %}
            quality.dqr_{{ part }},
        {% endfor %}
        quality.reported_share,
        quality.completed_share,
        quality.known_at,
        sources.source_ids,
        life_cycle.official_year,
        value.factor_kind in ('residual_mix', 'life_cycle_residual')
        and certificate.is_synthetic as is_synthetic,
        value.factor_kind like 'life_cycle%' as is_life_cycle,
        case
            when value.resolution = 'month' then strftime(value.period_start, '%Y-%m')
            else strftime(value.period_start, '%Y')
        end as period_label
    from value
    inner join interval
        on
            value.factor_kind = interval.factor_kind
            and value.import_factor_basis = interval.import_factor_basis
            and value.technology = interval.technology
            and value.gas_scope = interval.gas_scope
            and value.gwp_set = interval.gwp_set
            and value.system_boundary = interval.system_boundary
            and value.includes_td_losses = interval.includes_td_losses
            and value.area_code = interval.area_code
            and value.period_start = interval.period_start
            and value.resolution = interval.resolution
    inner join quality
        on
            value.factor_kind = quality.factor_kind
            and value.import_factor_basis = quality.import_factor_basis
            and value.technology = quality.technology
            and value.level = quality.level
            and value.area_code = quality.area_code
            and value.period_start = quality.period_start
            and value.resolution = quality.resolution
    inner join region on value.area_code = region.region_code
    inner join sources
        on value.factor_kind = sources.factor_kind and value.gas_scope = sources.gas_scope
    left join life_cycle
        on value.technology = life_cycle.technology and value.year = life_cycle.year
    cross join certificate

),

-- The three shares add up to one after rounding as well.
shared as (

    select
        *,
        cast(round_even(least(reported_share, 1), 8) as decimal(9, 8)) as reported_part,
        least(
            cast(round_even(least(completed_share, 1), 8) as decimal(9, 8)),
            1 - cast(round_even(least(reported_share, 1), 8) as decimal(9, 8))
        ) as completed_part
    from described

),

derived as (

    select
        -- ids
        {{ factor_id() }} as factor_id,
        area_code as region_code,
        name_zh as region_name_zh,
        name_en as region_name_en,

        -- period
        period_start,
        period_end,
        resolution,

        -- meaning
        factor_kind,
        technology,
        gas_scope,
        gwp_set,
        system_boundary,
        includes_td_losses,
        import_factor_basis,
        factor_kind || case factor_kind
            when 'generation_average' then '.intensity_anchored.v1'
            when 'fossil_power' then '.intensity_anchored.v1'
            when 'supply_average' then '.net_import_' || import_factor_basis || '_basis.v1'
            when 'consumption_mix' then '.network.v1'
            when 'life_cycle_consumption' then '.network.v1'
            when 'residual_mix' then '.issuance_based.v1'
            when 'life_cycle_residual' then '.issuance_based.v1'
            else '.official_proxy.v1'
        end as method_id,

        -- value
        {% for column in ['value', 'median', 'lower_95', 'upper_95'] %}
            -- CH4 and N2O are some thousand times smaller.
            cast(
                case
                    when gas_scope in ('CH4', 'N2O')
                        then round_even(cast({{ column }} as double), 12)
                    else round_even(cast({{ column }} as double), 8)
                end as decimal(18, 12)
            ) as {{ column }},
        {% endfor %}
        'kg' || gas_scope || '/kWh' as unit,

        -- quality
        cast(round_even((
            dqr_technological + dqr_geographical + dqr_temporal + dqr_precision
        ) / 4, 2) as decimal(4, 2)) as dqr,
        {% for part in quality_parts() %}
            cast(round_even(dqr_{{ part }}, 2) as decimal(4, 2)) as dqr_{{ part }},
        {% endfor %}
        case
            when is_synthetic then 'synthetic'
            when gas_scope in ('CH4', 'N2O') then 'default'
            when
                factor_kind = 'life_cycle_technology'
                and area_code = 'CN' and year = official_year and technology <> 'oil'
                then 'reported'
            when
                import_factor_basis <> 'none' or is_life_cycle then 'modelled'
            else 'estimated'
        end as quality_tier,
        maturity,
        reported_part as reported_share,
        cast(completed_part as decimal(9, 8)) as completed_share,
        cast(1 - reported_part - completed_part as decimal(9, 8)) as modelled_share,

        -- evidence
        {% for language, note in [
            ('zh', {
                'synthetic': '绿证数据为合成示例，不代表真实交易',
                'proxy': '分技术碳足迹采用全国公布值（最近年份）',
                'tibet': '国家未公布西藏因子；本值由统计量推算',
                'mongolia': '蒙东、蒙西合为一个省级值',
                'sub_grid': '由全区统计量按东北送出电量推算的比例分解',
                'grid': '内蒙古按东北电网送出电量推算的比例分属华北与东北',
            }),
            ('en', {
                'synthetic': 'Certificates are a synthetic example, no real trade',
                'proxy': 'Technologies take the official national life-cycle value of the nearest year',
                'tibet': 'No official factor is published for Tibet; derived from statistics',
                'mongolia': 'One provincial value over two grids (eastern and western Inner Mongolia)',
                'sub_grid': 'Divided out of provincial statistics by the share that the reported transfer implies',
                'grid': 'Inner Mongolia is divided by the share that the reported transfer implies',
            }),
        ] %}
            nullif(concat_ws(
                '{{ "；" if language == "zh" else "; " }}',
                case when is_synthetic then '{{ note["synthetic"] }}' end,
                case when is_life_cycle then '{{ note["proxy"] }}' end,
                case
                    when area_code = '540000' then '{{ note["tibet"] }}'
                    when area_code = '150000' then '{{ note["mongolia"] }}'
                    when level = 'sub_grid' then '{{ note["sub_grid"] }}'
                    when area_code in ('GRID_NORTH', 'GRID_NORTHEAST') then '{{ note["grid"] }}'
                end
            ), '') as note_{{ language }},
        {% endfor %}
        source_ids,
        known_at
    from shared

),

published as (

    select * from {{ ref('stg_published_factor') }}

),

-- A new version is a new value or new evidence of the same meaning.
final as (

    select
        derived.factor_id,
        cast(
            case
                when published.factor_id is null then 1
                when {{ says_the_same('derived', 'published') }} then published.factor_version
                else published.factor_version + 1
            end as integer
        ) as factor_version,
        derived.* exclude (factor_id)
    from derived
    left join published on derived.factor_id = published.factor_id

)

select *
from final
order by factor_id
