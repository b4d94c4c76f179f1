-- The largest difference a year that the choice of import basis makes to a province's factor.
with comparison as (

    select * from {{ ref('basis_comparison') }}
    where level = 'province' and resolution = 'year'

),

region as (

    select * from {{ ref('stg_region') }}

),

largest as (

    select
        *,
        avg(abs(network_less_generation_share)) over (partition by period_start) as mean_share
    from comparison
    qualify row_number() over (
        partition by period_start
        order by abs(network_less_generation_share) desc nulls last, region_code asc
    ) = 1

)

select
    'import_basis_difference' as metric,
    largest.region_code,
    largest.period_start,
    largest.period_end,
    'network less generation basis' as detail,
    cast(largest.network_less_generation_share as double) as value,
    'share of the generation basis' as unit,
    null as threshold,
    'info' as status,
    'The choice of import basis matters most in ' || region.name_en || ': '
    || printf('%+.1f', cast(largest.network_less_generation_share as double) * 100)
    || ' %; over all provinces ' || printf('%.1f', cast(largest.mean_share as double) * 100)
    || ' % in the mean' as sentence_en,
    '调入口径对' || region.name_zh || '影响最大：'
    || printf('%+.1f', cast(largest.network_less_generation_share as double) * 100)
    || ' %；各省平均 ' || printf('%.1f', cast(largest.mean_share as double) * 100) || ' %'
        as sentence_zh
from largest
inner join region on largest.region_code = region.region_code
where largest.network_less_generation_share is not null
