-- What monthly values were worth before they were final: each nowcast (by how far it looked beyond
-- the newest month with figures) and each first provisional value against the one that stands now.
with history as (

    select * from {{ ref('stg_factor_history') }}
    where
        resolution = 'month'
        and gas_scope = 'CO2'
        and (
            factor_kind = 'consumption_mix'
            or (factor_kind = 'supply_average' and import_factor_basis = 'network')
        )

),

standing as (

    select
        factor_id,
        value,
        maturity
    from history
    where superseded_on is null and maturity <> 'nowcast'

),

-- Months of which the bulletins give generation and consumption, and since when.
bulletin as (

    select
        period_month,
        max(known_at) as known_at
    from {{ ref('stg_electricity_bulletin') }}
    where energy_ytd_mwh is not null
    group by period_month
    having count(distinct flow) = 2

),

ahead as (

    select
        history.factor_id,
        history.area_code,
        history.factor_kind,
        history.import_factor_basis,
        history.period_start,
        history.maturity,
        history.known_on,
        history.value,
        cast(datediff('month', max(bulletin.period_month), history.period_start) as integer)
            as months_ahead
    from history
    inner join bulletin on history.known_on >= bulletin.known_at
    where history.maturity = 'nowcast'
    group by
        history.factor_id,
        history.area_code,
        history.factor_kind,
        history.import_factor_basis,
        history.period_start,
        history.maturity,
        history.known_on,
        history.value

),

early as (

    select
        factor_id,
        area_code,
        factor_kind,
        import_factor_basis,
        period_start,
        maturity,
        months_ahead,
        value
    from ahead
    qualify row_number() over (partition by factor_id, months_ahead order by known_on desc) = 1

    union all

    select
        factor_id,
        area_code,
        factor_kind,
        import_factor_basis,
        period_start,
        maturity,
        cast(0 as integer) as months_ahead,
        value
    from history
    where maturity = 'provisional'
    qualify row_number() over (partition by factor_id order by known_on) = 1

),

compared as (

    select
        early.*,
        early.value - standing.value as error,
        standing.value as standing_value,
        standing.maturity as standing_maturity
    from early
    inner join standing on early.factor_id = standing.factor_id

),

judged as (

    select
        area_code,
        factor_kind,
        import_factor_basis,
        maturity,
        months_ahead,
        min(period_start) as first_month,
        max(period_start) as last_month,
        cast(count(*) as integer) as months,
        cast(count(*) filter (where standing_maturity = 'final') as integer) as final_months,
        cast(sum(error) as double) / count(*) as mean_error,
        cast(sum(abs(error)) as double) / count(*) as mean_absolute_error,
        cast(sum(abs(error)) as double) / cast(sum(standing_value) as double)
            as relative_absolute_error,
        arg_max(error, (abs(error), period_start)) as largest_error,
        arg_max(period_start, (abs(error), period_start)) as largest_error_month
    from compared
    group by area_code, factor_kind, import_factor_basis, maturity, months_ahead

),

final as (

    select
        -- ids
        area_code as region_code,
        factor_kind,
        import_factor_basis,
        maturity,
        months_ahead,

        -- what was compared
        first_month,
        last_month,
        months,
        final_months,

        -- errors
        cast(round_even(mean_error, 8) as decimal(18, 8)) as mean_error,
        cast(round_even(mean_absolute_error, 8) as decimal(18, 8)) as mean_absolute_error,
        cast(round_even(relative_absolute_error, 8) as decimal(18, 8)) as relative_absolute_error,
        cast(largest_error as decimal(18, 8)) as largest_error,
        largest_error_month,
        'kgCO2/kWh' as unit
    from judged

)

select *
from final
order by region_code, factor_kind, import_factor_basis, maturity, months_ahead
