-- Interval of the life-cycle factor of a technology: lognormal about the official value, with the
-- spread of its method's pedigree (2.5 and 97.5 %: value x exp(-/+ 1.96 sigma)).
select
    value.factor_kind,
    value.import_factor_basis,
    value.technology,
    value.gas_scope,
    value.gwp_set,
    value.system_boundary,
    value.includes_td_losses,
    value.area_code,
    value.period_start,
    value.resolution,
    cast(value.value as decimal(18, 12)) as median,
    cast(value.value * exp(-1.96 * quality.relative_sd) as decimal(18, 12)) as lower_95,
    cast(value.value * exp(1.96 * quality.relative_sd) as decimal(18, 12)) as upper_95
from {{ ref('int_factor_value') }} as value
inner join {{ ref('int_life_cycle_factor') }} as life_cycle
    on value.technology = life_cycle.technology and value.year = life_cycle.year
inner join {{ ref('int_method_quality') }} as quality
    on life_cycle.method_id = quality.method_id
where value.factor_kind = 'life_cycle_technology'
