with factor as (

    select * from {{ ref('electricity_factor') }}
    where resolution = 'year' and gas_scope = 'CO2'

),

official as (

    select * from {{ ref('stg_official_co2_factor') }}
    where factor_kind in ('supply_average', 'fossil_power')

),

compared as (

    select
        official.year,
        official.region_code,
        factor.region_name_zh,
        factor.region_name_en,
        official.factor_kind,
        factor.import_factor_basis,
        factor.method_id,
        official.value_kg_per_kwh as official_value,
        cast(factor.value as decimal(18, 8)) as value,
        factor.lower_95,
        factor.upper_95,
        official.announcement,
        official.source_id,
        cast(round_even(
            cast(factor.value as double) / official.value_kg_per_kwh - 1, 8
        ) as decimal(18, 8)) as relative_deviation
    from official
    inner join factor
        on
            official.region_code = factor.region_code
            and official.factor_kind = factor.factor_kind
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
        method_id,

        -- values
        official_value,
        value,
        'kgCO2/kWh' as unit,
        relative_deviation,
        official_value between lower_95 and upper_95 as is_inside_interval,
        is_warning,

        -- words
        case
            when is_warning
                then
                    region_name_zh || year || '年因子与公布值相差 ' || deviation_text
                    || '，超过提示阈值；多因省间电量为估算值，请核对其交换与火电结构'
            else region_name_zh || year || '年因子与公布值相差 ' || deviation_text
        end as sentence_zh,
        case
            when is_warning
                then
                    'The ' || year || ' factor of ' || region_name_en || ' differs by '
                    || deviation_text || ' from the official value, beyond the warning level:'
                    || ' look at its modelled interchange and the fuels of its thermal power'
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
order by year, region_code, factor_kind, import_factor_basis
