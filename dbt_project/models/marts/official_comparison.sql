-- Official values beside ours. What enters the derivation as it was published (life-cycle factors
-- of technologies, terms of delivery) is not compared with itself; the fossil-power factor is,
-- because it anchors a level only.
with factor as (

    select * from {{ ref('electricity_factor') }}
    where
        resolution = 'year'
        and (gas_scope = 'CO2' or factor_kind = 'life_cycle_production')

),

official as (

    select
        year,
        region_code,
        factor_kind,
        'CO2' as gas_scope,
        value_kg_per_kwh,
        announcement,
        source_id
    from {{ ref('stg_official_co2_factor') }}
    where factor_kind in ('supply_average', 'fossil_power', 'residual_mix')

    union all

    -- Its text does not say whether the average holds delivery: it is compared at every boundary.
    select
        year,
        'CN' as region_code,
        'life_cycle_production' as factor_kind,
        'CO2e' as gas_scope,
        value_kg_per_kwh,
        announcement,
        source_id
    from {{ ref('stg_official_lca_factor') }}
    where technology = 'average'

),

compared as (

    select
        official.year,
        official.region_code,
        factor.region_name_zh,
        factor.region_name_en,
        official.factor_kind,
        factor.import_factor_basis,
        official.gas_scope,
        factor.system_boundary,
        factor.includes_td_losses,
        factor.method_id,
        cast(official.value_kg_per_kwh as decimal(18, 8)) as official_value,
        cast(factor.value as decimal(18, 8)) as value,
        factor.unit,
        factor.lower_95,
        factor.upper_95,
        official.announcement,
        official.source_id,
        {{ relative_difference('factor.value', 'official.value_kg_per_kwh') }}
            as relative_deviation
    from official
    inner join factor
        on
            official.region_code = factor.region_code
            and official.factor_kind = factor.factor_kind
            and official.gas_scope = factor.gas_scope
            and official.year = extract(year from factor.period_start)

),

judged as (

    select
        *,
        abs(relative_deviation) > {{ var('deviation_warning') }} as is_warning,
        printf('%+.1f', cast(relative_deviation as double) * 100) || ' %' as deviation_text
    from compared

),

final as (

    select
        -- ids
        year,
        region_code,
        factor_kind,
        import_factor_basis,
        gas_scope,
        system_boundary,
        includes_td_losses,
        method_id,

        -- values
        official_value,
        value,
        unit,
        relative_deviation,
        official_value between lower_95 and upper_95 as is_inside_interval,
        is_warning,

        -- words
        case
            when is_warning
                then
                    region_name_zh || year || '年因子与公布值相差 ' || deviation_text
                    || '，超过提示阈值；请核对其火电结构、交换电量与所含各项'
            else region_name_zh || year || '年因子与公布值相差 ' || deviation_text
        end as sentence_zh,
        case
            when is_warning
                then
                    'The ' || year || ' factor of ' || region_name_en || ' differs by '
                    || deviation_text || ' from the official value, beyond the warning level:'
                    || ' look at the fuels of its thermal power, its interchange and what it holds'
            else
                'The ' || year || ' factor of ' || region_name_en || ' differs by '
                || deviation_text || ' from the official value'
        end as sentence_en,

        -- evidence
        announcement,
        source_id
    from judged

)

select *
from final
order by
    year, region_code, factor_kind, import_factor_basis, system_boundary, includes_td_losses
