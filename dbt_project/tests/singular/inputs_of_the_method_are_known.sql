-- Every table that the method cannot do without holds at least one row as of the chosen day; else
-- factors would come out as zero or be missing without a word. Lists what is not yet known. First
-- publications of parameters stand in for the time before them, so of those nothing at all is known
-- if they are listed; statistics must reach one complete year.
{{ config(meta={'dagster': {'ref': {'name': 'int_national_total'}}}) }}

{% set needed = [
    'stg_electricity_bulletin', 'stg_capacity_utilisation', 'stg_coal_unit_intensity',
    'stg_transmission_corridor', 'stg_sector_fuel_co2', 'stg_grid_region', 'int_fuel_carbon',
    'stg_official_lca_factor', 'int_national_total', 'int_uncovered_year'
] %}
{% for relation in needed %}
    select
        '{{ relation }}' as table_without_rows,
        'nothing of this was published by {{ var("as_of") }}' as finding
    where not exists (select 1 from {{ ref(relation) }})
    {% if not loop.last %}union all{% endif %}
{% endfor %}
