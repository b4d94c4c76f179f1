-- Claims of green electricity that were set aside, with volume and reason: those that contradict
-- the balances, and certificates that are retired twice or told in two ways, with their number. A
-- warning and no gate: the residual mix leaves them out, so nothing published rests on them.
with claim as (

    select
        *,
        reason = 'above_consumption' as is_by_consumer
    from {{ ref('int_certificate_claim') }}
    where
        not is_counted
        and period_month <= cast('{{ var("release_month") }}-01' as date)

),

double_certificate as (

    select *
    from {{ ref('stg_certificate_double') }}
    where period_month <= cast('{{ var("release_month") }}-01' as date)
    qualify row_number() over (
        partition by certificate_id
        order by energy_mwh desc, issuing_region_code asc, technology asc, period_month asc
    ) = 1

),

cell as (

    select
        reason,
        case when is_by_consumer then retiring_region_code else issuing_region_code end
            as region_code,
        period_month,
        case when is_by_consumer then 'all' else technology end as technology,
        null as certificates,
        sum(energy_mwh) as energy_mwh,
        max(case when is_by_consumer then consumption_mwh else generation_mwh end) as limit_mwh
    from claim
    group by all

    union all

    -- Of the tellings of one certificate the largest, once.
    select
        'told_twice' as reason,
        issuing_region_code as region_code,
        period_month,
        technology,
        count(*) as certificates,
        sum(energy_mwh) as energy_mwh,
        null as limit_mwh
    from double_certificate
    group by issuing_region_code, period_month, technology

)

select
    'certificate_claim_set_aside' as metric,
    region_code,
    period_month as period_start,
    last_day(period_month) as period_end,
    reason || '.' || technology as detail,
    cast(energy_mwh as double) as value,
    'MWh' as unit,
    cast(limit_mwh as double) as threshold,
    'warning' as status,
    'Certificates of ' || strftime(period_month, '%Y-%m') || ' were set aside: '
    || case reason
        when 'outside_period' then 'no generation is known of that month'
        when 'technology_lacking' then 'the province generated no ' || technology || ' power'
        when 'above_generation' then 'more ' || technology || ' power is claimed than generated'
        when 'told_twice'
            then 'ids that stand more than once and contradict each other: ' || certificates
        else 'more is claimed in the province than was consumed there'
    end as sentence_en,
    strftime(period_month, '%Y-%m') || ' 绿证未计入：'
    || case reason
        when 'outside_period' then '该月无发电数据'
        when 'technology_lacking' then '该省当月无此类发电（' || technology || '）'
        when 'above_generation' then '核销量大于该省当月此类发电量（' || technology || '）'
        when 'told_twice' then '同一证书多次出现且互相矛盾（' || certificates || ' 张）'
        else '核销量大于该省当月用电量'
    end as sentence_zh
from cell
