-- What the interchange estimate must close: net import and consumption by province and month. Every
-- month that is known, whatever the release: a value may not depend on which month is asked for.
select
    region_code,
    period_month,
    cast(net_import_mwh as double) as net_import_mwh,
    cast(balanced_consumption_mwh as double) as consumption_mwh
from {{ ref('int_balance_month') }}
order by period_month, region_code
