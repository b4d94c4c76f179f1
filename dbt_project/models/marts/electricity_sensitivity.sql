with sensitivity as (

    select * from {{ ref('int_shown_sensitivity') }}

),

figure as (

    {{ published_figures(
        'electricity_sensitivity', ['electricity_amount', 'change_per_percent', 'elasticity']
    ) }}

),

final as (

    select
        -- ids
        sensitivity.dataset_id,
        sensitivity.indicator,

        -- value
        figure.electricity_amount as electricity_kwh,
        figure.change_per_percent,
        figure.elasticity
    from sensitivity
    inner join figure
        on
            sensitivity.dataset_id = figure.dataset_id
            and sensitivity.indicator = figure.row_key

)

select *
from final
order by dataset_id, indicator
