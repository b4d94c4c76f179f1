-- Interval of every mix: median, 2.5 and 97.5 % of the draws.
select
    factor_kind,
    import_factor_basis,
    'all' as technology,
    gas_scope,
    gwp_set,
    system_boundary,
    includes_td_losses,
    area_code,
    period_start,
    resolution,
    median,
    lower_95,
    upper_95
from {{ ref('int_factor_sample') }}
where part = 'interval'
