-- The statistical difference of each province's balance, which no flow can close.
select
    'open_balance' as metric,
    from_region_code as region_code,
    period_month as period_start,
    last_day(period_month) as period_end,
    'total' as detail,
    cast(energy_mwh as double) as value,
    'MWh' as unit,
    {{ var('open_balance_warning') }} * cast(capacity_mwh as double) as threshold,
    case
        when abs(energy_mwh) > {{ var('open_balance_warning') }} * capacity_mwh then 'warning'
        else 'ok'
    end as status,
    'Statistical difference of this balance: ' || printf(
        '%+.2f', cast(energy_mwh as double) / capacity_mwh * 100
    ) || ' % of consumption, which no flow can close' as sentence_en,
    '该省电量平衡的统计差额占用电量 ' || printf(
        '%+.2f', cast(energy_mwh as double) / capacity_mwh * 100
    ) || ' %，任何交换电量都无法消除' as sentence_zh
from {{ ref('int_interchange_estimate') }}
where
    kind = 'residual'
    and period_month <= cast('{{ var("release_month") }}-01' as date)
