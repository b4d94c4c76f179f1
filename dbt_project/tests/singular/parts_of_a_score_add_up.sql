-- Datasets whose total is not fossil and land use and biogenic gases together, or whose total with
-- uptake is not the sum of its parts, beyond what rounding to four digits leaves.
{{ config(meta={'dagster': {'ref': {'name': 'background_score'}}}) }}

with part as (

    select
        dataset_id,
        split_part(indicator, '.', 2) as gwp_set,
        {% for boundary in [
            'total', 'total_incl_uptake', 'fossil', 'land_use', 'biogenic', 'biogenic_incl_uptake',
            'biogenic_emission', 'biogenic_uptake',
        ] %}
            max(case when split_part(indicator, '.', 3) = '{{ boundary }}' then value end)
                as {{ boundary }},
        {% endfor %}
        count(*) as indicators
    from {{ ref('background_score') }}
    group by all

)

select *
from part
where
    not coalesce(
        abs(total - fossil - land_use - biogenic)
        <= 5e-4 * (abs(total) + abs(fossil) + abs(land_use) + abs(biogenic))
        and abs(total_incl_uptake - fossil - land_use - biogenic_incl_uptake)
        <= 5e-4 * (
            abs(total_incl_uptake) + abs(fossil) + abs(land_use) + abs(biogenic_incl_uptake)
        )
        and abs(biogenic_incl_uptake - biogenic_emission - biogenic_uptake)
        <= 5e-4 * (
            abs(biogenic_incl_uptake) + abs(biogenic_emission) + abs(biogenic_uptake)
        )
        and biogenic_uptake <= 0, false
    )
