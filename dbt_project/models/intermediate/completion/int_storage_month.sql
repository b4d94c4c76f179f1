-- Storage by province and month: what it took in, what it gave back, what was lost between. Pumped
-- hydro gives back within hydro generation as the statistics count it; of that, no more can stand
-- there than the statistics hold. Pumping and charging stand within consumption: what comes back is
-- consumed a second time, so that it leaves consumption as well (`recirculated_mwh`).
with storage as (

    select * from {{ ref('stg_storage') }}

),

hydro_cell as (

    select
        region_code,
        period_month,
        energy_mwh
    from {{ ref('int_generation_cell') }}
    where technology = 'hydro'

),

hydro as (

    select
        region_code,
        period_month,
        sum(energy_mwh) as energy_mwh
    from hydro_cell
    group by region_code, period_month

),

joined as (

    select
        storage.region_code,
        storage.period_month,
        storage.storage,
        storage.charge_mwh,
        storage.discharge_mwh,
        storage.loss_mwh,
        case
            when storage.storage = 'pumped_hydro'
                then least(storage.discharge_mwh, coalesce(hydro.energy_mwh, 0))
            else 0
        end as in_hydro_mwh,
        storage.known_at
    from storage
    left join hydro
        on
            storage.region_code = hydro.region_code
            and storage.period_month = hydro.period_month

)

select
    region_code,
    period_month,
    storage,
    charge_mwh,
    discharge_mwh,
    cast(loss_mwh as decimal(38, 6)) as loss_mwh,
    cast(in_hydro_mwh as decimal(38, 6)) as in_hydro_mwh,
    cast(
        case when storage = 'pumped_hydro' then in_hydro_mwh else discharge_mwh end
        as decimal(38, 6)
    ) as recirculated_mwh,
    known_at
from joined
