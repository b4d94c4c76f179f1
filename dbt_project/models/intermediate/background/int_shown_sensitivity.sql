-- One row per dataset and indicator: its answer to all supplies of electricity together. By
-- province it would tell where few contributors work.
select
    dataset.dataset_id,
    sensitivity.indicator,
    sum(sensitivity.electricity_amount order by sensitivity.electricity_id) as electricity_amount,
    sum(sensitivity.change_per_percent order by sensitivity.electricity_id) as change_per_percent,
    sum(sensitivity.elasticity order by sensitivity.electricity_id) as elasticity
from {{ ref('int_dataset_state') }} as dataset
inner join {{ ref('int_electricity_sensitivity') }} as sensitivity
    on dataset.process_id = sensitivity.process_id
where dataset.shows_electricity and not dataset.is_held
group by dataset.dataset_id, sensitivity.indicator
