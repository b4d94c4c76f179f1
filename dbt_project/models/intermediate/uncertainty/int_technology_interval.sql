-- Interval of the life-cycle factor of a technology: lognormal about the official value (2.5 and
-- 97.5 %: value x exp(-/+ 1.96 sigma)). The nation is known as well as what is published, every
-- other area as well as the proxy.
with spread as (

    select
        year,
        technology,
        national_sd,
        sqrt(pow(national_sd, 2) + pow(provincial_sd, 2)) as proxy_sd
    from {{ ref('int_sample_technology') }}

),

value as (

    select
        value.*,
        case when value.level = 'nation' then spread.national_sd else spread.proxy_sd end
            as relative_sd
    from {{ ref('int_factor_value') }} as value
    inner join spread on value.technology = spread.technology and value.year = spread.year
    where value.factor_kind = 'life_cycle_technology'

)

select
    factor_kind,
    import_factor_basis,
    technology,
    gas_scope,
    gwp_set,
    system_boundary,
    includes_td_losses,
    area_code,
    period_start,
    resolution,
    cast(value as decimal(18, 12)) as median,
    cast(value * exp(-1.96 * relative_sd) as decimal(18, 12)) as lower_95,
    cast(value * exp(1.96 * relative_sd) as decimal(18, 12)) as upper_95
from value
