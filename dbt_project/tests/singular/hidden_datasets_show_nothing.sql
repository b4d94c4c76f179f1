-- Datasets that are merged or withheld and of which something is published all the same.
{{ config(meta={'dagster': {'ref': {'name': 'background_dataset'}}}) }}

with hidden as (

    select * from {{ ref('background_dataset') }}
    where disclosure not in ('open', 'aggregated')

),

shown as (

    select dataset_id from hidden
    where
        coalesce(
            value, median, lower_95, upper_95, fossil, biogenic_emission, biogenic_uptake, land_use,
            primary_data_share, dqr, dqr_technological, dqr_geographical, dqr_temporal,
            dqr_precision
        ) is not null
        or contributors_band is not null
        or content_sha256 is not null
    {% for table in [
        'background_score', 'background_exchange', 'background_inventory', 'background_allocation',
        'background_unallocated', 'background_contribution', 'electricity_sensitivity',
        'footprint_comparison',
    ] %}
        union all
        select dataset_id from {{ ref(table) }}
        where dataset_id in (select hidden.dataset_id from hidden)
    {% endfor %}

)

select distinct dataset_id
from shown
