with contribution as (

    select * from {{ ref('int_shown_contribution') }}

),

figure as (

    {{ published_figures('background_contribution', ['value']) }}

),

held as (

    select stood.*
    from {{ ref('stg_published_contribution') }} as stood
    inner join {{ ref('int_dataset_state') }} as dataset on stood.dataset_id = dataset.dataset_id
    where dataset.is_held

),

final as (

    select
        -- ids
        contribution.dataset_id,
        contribution.contribution_key,
        contribution.stage,
        contribution.provider_id,
        contribution.indicator,

        -- value
        figure.value,
        round_even(contribution.share, 4) as share
    from contribution
    inner join figure
        on
            contribution.dataset_id = figure.dataset_id
            and contribution.contribution_key = figure.row_key

    union all

    select
        dataset_id,
        contribution_key,
        stage,
        provider_id,
        indicator,
        value,
        share
    from held

)

select *
from final
order by dataset_id, contribution_key
