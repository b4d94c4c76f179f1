-- One row per supply of electricity that a plant uses, province and year: the life-cycle factor of
-- this warehouse. Mixes are those at the user of the province; technologies at the user over the
-- grid, or at the busbar where a line of its own brings them, of the nation. A year without factor
-- takes that of the nearest year, the earlier of two equally near. The CO2e is the official one of
-- its own GWP set and cannot be divided into gases: it is carried as a flow of its own.
with need as (

    select distinct
        supply,
        case
            when supply in ('consumption_mix', 'residual_mix') then consumer_region else 'CN'
        end as region_code,
        year
    from {{ ref('int_input_need') }}
    where supply <> ''

),

asked as (

    select
        *,
        case supply
            when 'consumption_mix' then 'life_cycle_consumption'
            when 'residual_mix' then 'life_cycle_residual'
            else 'life_cycle_technology'
        end as factor_kind,
        case
            when supply in ('consumption_mix', 'residual_mix') then 'all'
            else replace(supply, 'direct_line_', '')
        end as technology,
        case
            when supply like 'direct_line_%' then 'cradle_to_busbar' else 'cradle_to_user'
        end as system_boundary,
        supply not like 'direct_line_%' as includes_td_losses
    from need

),

factor as (

    select * from {{ ref('int_life_cycle_value') }}
    where resolution = 'year'

),

-- Intervals and ratings know no level; an area and its year are told by the code.
interval as (

    select * from {{ ref('int_factor_interval') }}
    where resolution = 'year'
    union all
    select * from {{ ref('int_technology_interval') }}
    where resolution = 'year'

),

quality as (

    select * from {{ ref('int_factor_quality') }}
    where resolution = 'year'

),

nearest as (

    select
        asked.supply,
        asked.region_code,
        asked.year,
        factor.year as factor_year,
        factor.value,
        factor.level,
        factor.factor_kind,
        factor.import_factor_basis,
        factor.technology,
        factor.period_start,
        factor.system_boundary,
        factor.includes_td_losses
    from asked
    inner join factor
        on
            asked.region_code = factor.area_code
            and asked.factor_kind = factor.factor_kind
            and asked.technology = factor.technology
            and asked.system_boundary = factor.system_boundary
            and asked.includes_td_losses = factor.includes_td_losses
    qualify row_number() over (
        partition by asked.supply, asked.region_code, asked.year
        order by abs(factor.year - asked.year), factor.year
    ) = 1

)

select
    {{ process_id(
        "'electricity.grid'", 'nearest.supply', 'nearest.region_code', 'nearest.year', "'none'"
    ) }} as process_id,
    'electricity.grid' as product_code,
    nearest.supply,
    nearest.region_code,
    nearest.year,
    nearest.factor_year,
    'as_published' as gwp_set,
    nearest.value as co2e_kg_per_kwh,
    -- Half the width of the 95 % interval, in logarithms.
    round(
        coalesce(
            ln(cast(interval.upper_95 as double) / nullif(cast(interval.lower_95 as double), 0))
            / (2 * 1.959963984540054), 0
        ), 9
    ) as sigma,
    round(quality.dqr_technological, 6) as dqr_te,
    round(quality.dqr_geographical, 6) as dqr_ge,
    round(
        greatest(
            quality.dqr_temporal, {{ temporal_score('nearest.year - nearest.factor_year') }}
        ), 6
    ) as dqr_ti,
    round(quality.dqr_precision, 6) as dqr_p
from nearest
left join interval
    on
        nearest.region_code = interval.area_code
        and nearest.factor_kind = interval.factor_kind
        and nearest.import_factor_basis = interval.import_factor_basis
        and nearest.technology = interval.technology
        and nearest.system_boundary = interval.system_boundary
        and nearest.includes_td_losses = interval.includes_td_losses
        and nearest.period_start = interval.period_start
left join quality
    on
        nearest.region_code = quality.area_code
        and nearest.level = quality.level
        and nearest.factor_kind = quality.factor_kind
        and nearest.import_factor_basis = quality.import_factor_basis
        and nearest.technology = quality.technology
        and nearest.period_start = quality.period_start
