-- Our national life-cycle average of production against the official one, without delivery, with
-- its infrastructure, and with its losses too. A warning and no gate: the official text does not
-- say which boundary it has; weighted with a third party's shares the official factors of the
-- technologies themselves fall short of their average by 2.2 % (2023) and 1.6 % (2024).
select
    'life_cycle_average_deviation' as metric,
    region_code,
    make_date(year, 1, 1) as period_start,
    make_date(year, 12, 31) as period_end,
    system_boundary || case when includes_td_losses then '_with_losses' else '' end as detail,
    cast(relative_deviation as double) as value,
    'share of official value' as unit,
    {{ var('life_cycle_deviation_warning') }} as threshold,
    case
        when abs(relative_deviation) > {{ var('life_cycle_deviation_warning') }} then 'warning'
        else 'ok'
    end as status,
    'Our life-cycle average of ' || year || ' is ' || printf('%.4f', cast(value as double))
    || ' kgCO2e/kWh ' || case
        when includes_td_losses then 'at the user with losses'
        when system_boundary = 'cradle_to_user' then 'at the user without losses'
        else 'at the busbar'
    end || ', the official one ' || printf('%.4f', cast(official_value as double))
        as sentence_en,
    year || '年全国电力平均碳足迹' || case
        when includes_td_losses then '（用户侧，含线损）'
        when system_boundary = 'cradle_to_user' then '（用户侧，不含线损）'
        else '（上网侧）'
    end || '为 ' || printf('%.4f', cast(value as double)) || '，公布值 '
    || printf('%.4f', cast(official_value as double)) as sentence_zh
from {{ ref('official_comparison') }}
where factor_kind = 'life_cycle_production'
