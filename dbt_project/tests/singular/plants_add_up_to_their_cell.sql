-- Cells whose score is not what their plants emit, own and bought, over what they make. Disclosure
-- control judges plants by these figures: they must be those of the score.
{{ config(meta={'dagster': {'ref': {'name': 'int_plant_quantity'}}}) }}

with plant as (

    select
        process_id,
        sum(value) / sum(weight) as value
    from {{ ref('int_plant_quantity') }}
    where quantity = 'headline'
    group by process_id

),

score as (

    select * from {{ ref('int_life_cycle_score') }}
    where indicator = 'gwp100.ar6.total'

)

select
    cell.process_id,
    plant.value as value_of_plants,
    score.value
from {{ ref('int_cell') }} as cell
left join plant on cell.process_id = plant.process_id
left join score on cell.process_id = score.process_id
where
    not coalesce(
        abs(plant.value - score.value) <= 1e-6 * greatest(abs(plant.value), abs(score.value)), false
    )
