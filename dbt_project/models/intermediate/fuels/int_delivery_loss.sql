-- What delivery adds to a life-cycle factor between busbar and user, by year: the infrastructure of
-- transmission and distribution, and its losses. Both come from the official factors of the nearest
-- year that states them. The loss rate l is the one that the official pair implies (terms with and
-- without losses): with - without = average x l / (1 - l).
with year_list as (

    select distinct year from {{ ref('int_generation_month') }}

),

official as (

    select
        year,
        max(case when technology = 'average' then value_kg_per_kwh end) as average,
        max(case when technology = 'td_excl_losses' then value_kg_per_kwh end) as without_losses,
        max(case when technology = 'td_incl_losses' then value_kg_per_kwh end) as with_losses,
        max(known_at) as known_at
    from {{ ref('stg_official_lca_factor') }}
    group by year

),

infrastructure as (

    select
        year_list.year,
        official.year as official_year,
        official.without_losses,
        official.known_at
    from year_list
    cross join official
    where official.without_losses is not null
    qualify row_number() over (
        partition by year_list.year
        order by abs(year_list.year - official.year), official.year
    ) = 1

),

-- Where one publication does not hold the whole pair, the year nearest to it completes it.
pair as (

    select
        official.year,
        official.with_losses,
        partner.without_losses,
        partner.average,
        greatest(official.known_at, partner.known_at) as known_at
    from official
    cross join official as partner
    where
        official.with_losses is not null
        and partner.without_losses is not null
        and partner.average > 0
    qualify row_number() over (
        partition by official.year
        order by abs(official.year - partner.year), partner.year
    ) = 1

),

loss as (

    select
        year_list.year,
        pair.year as official_year,
        (pair.with_losses - pair.without_losses) / pair.average as lost_per_delivered,
        pair.known_at
    from year_list
    cross join pair
    qualify row_number() over (
        partition by year_list.year
        order by abs(year_list.year - pair.year), pair.year
    ) = 1

)

select
    infrastructure.year,
    infrastructure.official_year as infrastructure_year,
    loss.official_year as loss_year,
    cast(infrastructure.without_losses as decimal(18, 12)) as infrastructure_kg_per_kwh,
    cast(loss.lost_per_delivered / (1 + loss.lost_per_delivered) as decimal(18, 12)) as loss_rate,
    greatest(infrastructure.known_at, loss.known_at) as known_at
from infrastructure
inner join loss on infrastructure.year = loss.year
