-- One national total a year and technology: the closing account of the generation statistics.
with national as (

    select * from {{ ref('stg_national_generation') }}
    where flow = 'generation' and coverage = 'total'

)

select
    year,
    technology,
    energy_mwh,
    source_id,
    known_at
from national
where technology in ('coal', 'gas', 'oil', 'biomass', 'hydro', 'nuclear', 'wind', 'solar')

union all

select
    year,
    'thermal' as technology,
    sum(energy_mwh) as energy_mwh,
    min(source_id) as source_id,
    max(known_at) as known_at
from national
where technology in ('coal', 'gas', 'oil', 'biomass')
group by year
