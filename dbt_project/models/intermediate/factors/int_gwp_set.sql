-- The GWP sets that are whole for combustion: CH4 and N2O in one row. Methane of combustion is the
-- gas whose carbon is counted as CO2 already (AR6 tells it from fugitive methane of fossil fuels).
-- A set that lacks a gas is left out, never filled from another.
with gas as (

    select
        gwp_set,
        case when gas = 'CH4_biogenic_or_combustion' then 'CH4' else gas end as gas,
        value,
        guideline,
        known_at
    from {{ ref('stg_gwp') }}
    where gas in ('CH4', 'CH4_biogenic_or_combustion', 'N2O')

),

-- Where one document of a set gives both gases it is taken whole: sets are never mixed.
document as (

    select
        gwp_set,
        guideline,
        max(case when gas = 'CH4' then value end) as ch4,
        max(case when gas = 'N2O' then value end) as n2o,
        max(known_at) as known_at
    from gas
    group by gwp_set, guideline

)

select
    gwp_set,
    guideline,
    ch4,
    n2o,
    known_at
from document
where ch4 is not null and n2o is not null and gwp_set in ('AR4', 'AR5', 'AR6')
qualify row_number() over (partition by gwp_set order by guideline) = 1
