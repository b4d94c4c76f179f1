-- Pumped hydro that is said to give back more than the statistics hold as hydro generation: only as
-- much as they hold was taken off.
select
    'pumped_discharge_above_hydro' as metric,
    storage.region_code,
    storage.period_month as period_start,
    last_day(storage.period_month) as period_end,
    storage.storage as detail,
    cast(storage.discharge_mwh - storage.in_hydro_mwh as double) as value,
    'MWh' as unit,
    0 as threshold,
    'warning' as status,
    'Pumped storage of ' || region.name_en || ' is said to have given back '
    || printf('%.0f', cast(storage.discharge_mwh as double)) || ' MWh in '
    || strftime(storage.period_month, '%Y-%m') || ', hydro generation holds '
    || printf('%.0f', cast(storage.in_hydro_mwh as double))
    || ' MWh: no more was taken off; look at unit and month of the storage file' as sentence_en,
    region.name_zh || strftime(storage.period_month, '%Y-%m') || '抽水蓄能发电量 '
    || printf('%.0f', cast(storage.discharge_mwh as double)) || ' MWh 超过统计的水电发电量 '
    || printf('%.0f', cast(storage.in_hydro_mwh as double))
    || ' MWh，只扣除到水电发电量为零；请核对储能文件的单位与月份' as sentence_zh
from {{ ref('int_storage_month') }} as storage
inner join {{ ref('stg_region') }} as region on storage.region_code = region.region_code
where
    storage.storage = 'pumped_hydro'
    and storage.discharge_mwh > storage.in_hydro_mwh
    and storage.period_month <= cast('{{ var("release_month") }}-01' as date)

union all

-- More lost in storage than a tenth of what a province consumes: a tenth is taken.
select
    'storage_loss_above_consumption' as metric,
    balance.region_code,
    balance.period_month as period_start,
    last_day(balance.period_month) as period_end,
    'all' as detail,
    cast(sum(storage.loss_mwh) / any_value(balance.balanced_consumption_mwh) as double) as value,
    'share' as unit,
    0.1 as threshold,
    'warning' as status,
    'Storage of ' || any_value(region.name_en) || ' is said to have lost '
    || printf('%.0f', cast(sum(storage.loss_mwh) as double)) || ' MWh in '
    || strftime(balance.period_month, '%Y-%m') || ', of '
    || printf('%.0f', cast(any_value(balance.balanced_consumption_mwh) as double))
    || ' MWh consumed: a tenth was taken; look at the unit of the storage file' as sentence_en,
    any_value(region.name_zh) || strftime(balance.period_month, '%Y-%m') || '储能损耗 '
    || printf('%.0f', cast(sum(storage.loss_mwh) as double)) || ' MWh，用电量 '
    || printf('%.0f', cast(any_value(balance.balanced_consumption_mwh) as double))
    || ' MWh，按十分之一计；请核对储能文件的单位' as sentence_zh
from {{ ref('int_storage_month') }} as storage
inner join {{ ref('int_balance_month') }} as balance
    on
        storage.region_code = balance.region_code
        and storage.period_month = balance.period_month
inner join {{ ref('stg_region') }} as region on storage.region_code = region.region_code
where storage.period_month <= cast('{{ var("release_month") }}-01' as date)
group by balance.region_code, balance.period_month
having sum(storage.loss_mwh) > 0.1 * any_value(balance.balanced_consumption_mwh)
