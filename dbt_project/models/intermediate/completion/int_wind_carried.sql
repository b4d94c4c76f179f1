-- Wind months that neither a bulletin nor capacity and hours give: the same month of the year
-- before, moved by how the province's wind of the other months compares between both years; early
-- in a year, when no such month is known yet, by how it compared the year before. Months of the
-- nowcast are among them.
with horizon as (

    select
        year,
        month,
        period_month,
        bool_or(method_id = 'nowcast_seasonal') as is_nowcast
    from {{ ref('int_monthly_statistic') }}
    where flow = 'generation' and technology = 'thermal'
    group by year, month, period_month

),

known as (

    select
        region_code,
        year,
        month,
        energy_mwh,
        source_id,
        known_at
    from {{ ref('int_monthly_statistic') }}
    where flow = 'generation' and technology = 'wind'

    union all

    select
        region_code,
        year,
        month,
        energy_mwh,
        source_id,
        known_at
    from {{ ref('int_wind_december') }}

    union all

    select
        region_code,
        year,
        month,
        energy_mwh,
        source_id,
        known_at
    from {{ ref('int_wind_gap') }}

),

missing as (

    select
        before.region_code,
        horizon.year,
        horizon.month,
        horizon.period_month,
        horizon.is_nowcast,
        before.energy_mwh as before_mwh,
        before.source_id,
        before.known_at
    from horizon
    inner join known as before
        on horizon.year = before.year + 1 and horizon.month = before.month
    left join known
        on
            before.region_code = known.region_code
            and horizon.year = known.year
            and horizon.month = known.month
    where known.month is null

),

growth as (

    select
        this.region_code,
        this.year,
        cast(sum(this.energy_mwh) as double) / cast(sum(before.energy_mwh) as double) as factor
    from known as this
    inner join known as before
        on
            this.region_code = before.region_code
            and this.year = before.year + 1
            and this.month = before.month
    group by this.region_code, this.year
    having sum(before.energy_mwh) > 0

)

select
    missing.region_code,
    'wind' as technology,
    missing.year,
    missing.month,
    missing.period_month,
    {{ energy('missing.before_mwh * coalesce(growth.factor, 1)') }} as energy_mwh,
    case
        when missing.is_nowcast then 'nowcast_seasonal' else 'carried_from_last_year'
    end as method_id,
    missing.source_id,
    missing.known_at
from missing
left join growth
    on missing.region_code = growth.region_code and missing.year >= growth.year
qualify row_number() over (
    partition by missing.region_code, missing.period_month order by growth.year desc nulls last
) = 1
