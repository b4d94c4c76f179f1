-- Interval of every mix: the value itself until draws are there.
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
    cast(value as decimal(18, 12)) as lower_95,
    cast(value as decimal(18, 12)) as upper_95
from {{ ref('int_factor_value') }}
where factor_kind <> 'life_cycle_technology'
