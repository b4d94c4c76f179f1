-- total = fossil + land use + biogenic gases, and with uptake likewise, for every flow and GWP set.
{{ config(meta={'dagster': {'ref': {'name': 'int_characterisation'}}}) }}

with named as (

    select
        flow_id,
        split_part(indicator, '.', 2) as gwp_set,
        split_part(indicator, '.', 3) as boundary,
        factor
    from {{ ref('int_characterisation') }}

),

wide as (

    select
        flow_id,
        gwp_set,
        {% for name in [
            'total', 'total_incl_uptake', 'fossil', 'land_use', 'biogenic', 'biogenic_emission',
            'biogenic_uptake', 'biogenic_incl_uptake'
        ] %}
            max(case when boundary = '{{ name }}' then factor end) as {{ name }},
        {% endfor %}
        count(*) as boundaries
    from named
    group by flow_id, gwp_set

)

select *
from wide
where
    boundaries <> 8
    or total is distinct from fossil + land_use + biogenic
    or total_incl_uptake is distinct from fossil + land_use + biogenic_incl_uptake
    or biogenic_incl_uptake is distinct from biogenic_emission + biogenic_uptake
    or biogenic_uptake > 0
