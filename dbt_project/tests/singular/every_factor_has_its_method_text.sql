-- The method id of every factor leads to its text, and that text has an equation.
{{ config(meta={'dagster': {'ref': {'name': 'electricity_factor'}}}) }}

select distinct factor.method_id
from {{ ref('electricity_factor') }} as factor
left join {{ ref('calculation_method') }} as method on factor.method_id = method.method_id
where method.equation is null
