-- What the interchange estimate must close: net import and consumption by province and month, to
-- the month of the release.
select
    region_code,
    period_month,
    cast(net_import_mwh as double) as net_import_mwh,
    cast(balanced_consumption_mwh as double) as consumption_mwh
from {{ ref('int_balance_month') }}
where period_month <= cast('{{ var("release_month") }}-01' as date)
order by period_month, region_code
