with figure as (

    {{ published_figures('background_score', ['value', 'median', 'lower_95', 'upper_95']) }}

),

dataset as (

    select * from {{ ref('int_dataset_state') }}

),

stood as (

    select * from {{ ref('stg_published_score') }}

),

final as (

    select
        -- ids
        figure.dataset_id,
        figure.row_key as indicator,

        -- value
        figure.value,
        figure.median,
        figure.lower_95,
        figure.upper_95,
        'kgCO2e/' || dataset.unit as unit
    from figure
    inner join dataset on figure.dataset_id = dataset.dataset_id

    union all

    select
        stood.dataset_id,
        stood.indicator,
        stood.value,
        stood.median,
        stood.lower_95,
        stood.upper_95,
        'kgCO2e/' || dataset.unit as unit
    from stood
    inner join dataset on stood.dataset_id = dataset.dataset_id
    where dataset.is_held

)

select *
from final
order by dataset_id, indicator
