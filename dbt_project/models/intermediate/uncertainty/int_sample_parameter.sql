-- What sampling needs of a year as a whole: how well the nation's fossil-power factor is known
-- (worse where another year's stands in for it), what delivery to users adds, and how well the
-- pattern of modelled flows is known. `is_gross`: whether a year counts flows both ways.
with quality as (

    select
        method_id,
        cast(relative_sd as double) as relative_sd
    from {{ ref('int_method_quality') }}

)

select
    anchor.year,
    {{ var('anchor_to_official_fossil') }} as has_anchor,
    official.relative_sd as anchor_sd,
    '{{ var("interchange_treatment") }}' = 'gross' as is_gross,
    cast(delivery.infrastructure_kg_per_kwh as double) * 1000 as infrastructure_kg_per_mwh,
    cast(delivery.loss_rate as double) as loss_rate,
    life_cycle.relative_sd as delivery_sd,
    flow.relative_sd as flow_sd
from {{ ref('int_emission_anchor') }} as anchor
inner join quality as official
    on
        official.method_id = case
            when anchor.official_year = anchor.year then 'official_anchor'
            else 'official_anchor_of_another_year'
        end
inner join quality as life_cycle on life_cycle.method_id = 'official_life_cycle'
inner join quality as flow on flow.method_id = 'least_squares_balance'
left join {{ ref('int_delivery_loss') }} as delivery on anchor.year = delivery.year
order by anchor.year
