-- Indicators whose system is not solved to 1e-9, whose contributions do not add up to the score, or
-- whose forward sum differs.
{{ config(meta={'dagster': {'ref': {'name': 'int_life_cycle_solution'}}}) }}

select *
from {{ ref('int_life_cycle_solution') }}
where not coalesce(residual < 1e-9 and closure < 1e-9 and adjoint_gap < 1e-9, false)
