-- The unallocated inventory: one row per submission and exchange, as amounts of the period.
-- Everything that a plant took in, gave off or handed over, of all its products together.
--   item             product code, or gas
--   provider_region  province of the supplier where the plant says it
--   supply           for electricity: which process delivers it (int_plant_electricity)
-- An output of kind product is a credit: a co-product of an expanded system, which replaces what
-- others make. Wastes are inputs of the service that treats them; what is recycled leaves without
-- burden (cut-off). CO2 that the products took up while they grew goes in.
with accepted as (

    select distinct submission_id from {{ ref('int_plant_product') }}

),

-- Amounts of a plant are as good as the devices behind them.
submission as (

    select
        submission.submission_id,
        case
            when
                max(device.valid_until) >= min(submission.period_end)
                then 'metered'
            else 'reported'
        end as evidence
    from {{ ref('stg_survey_submission') }} as submission
    inner join accepted on submission.submission_id = accepted.submission_id
    left join {{ ref('stg_survey_device') }} as device
        on submission.submission_id = device.submission_id
    group by submission.submission_id

),

catalogue as (

    select * from {{ ref('stg_product') }}

),

reported_emission as (

    select * from {{ ref('stg_survey_emission') }}

),

exchange as (

    select
        submission_id,
        'product' as kind,
        'input' as direction,
        product_code as item,
        unit,
        coalesce(nullif(supplier_region_code, 'CN'), '') as provider_region,
        '' as supply,
        {{ input_stage('kind') }} as stage,
        'demand' as exchange_type,
        null as evidence,
        amount
    from {{ ref('stg_survey_input') }}

    union all

    select
        submission_id,
        'product' as kind,
        'input' as direction,
        'electricity.grid' as item,
        'kWh' as unit,
        '' as provider_region,
        supply,
        'electricity' as stage,
        'demand' as exchange_type,
        null as evidence,
        energy_kwh as amount
    from {{ ref('int_plant_electricity') }}

    union all

    -- t*km = amount x kg per unit / 1000 x km
    select
        haul.submission_id,
        'product' as kind,
        'input' as direction,
        coalesce(service.product_code, 'transport.' || haul.mode) as item,
        't*km' as unit,
        '' as provider_region,
        '' as supply,
        'transport' as stage,
        'transport' as exchange_type,
        null as evidence,
        {{ energy(
            "cast(haul.amount as double) * cast(haul.distance_km as double) / 1000 "
            ~ "* case when haul.unit = 'kg' then 1 else catalogue.mass_kg_per_unit end"
        ) }} as amount
    from {{ ref('stg_survey_transport') }} as haul
    left join {{ ref('transport_service') }} as service on haul.mode = service.mode
    left join catalogue on haul.product_code = catalogue.product_code

    union all

    select
        submission_id,
        'waste' as kind,
        'input' as direction,
        'waste.' || treatment as item,
        unit,
        '' as provider_region,
        '' as supply,
        'waste' as stage,
        'demand' as exchange_type,
        null as evidence,
        amount
    from {{ ref('stg_survey_waste') }}
    where treatment <> 'recycling'

    union all

    -- What is measured in the stack replaces what is calculated of the same gas.
    select
        combustion.submission_id,
        'elementary' as kind,
        'output' as direction,
        combustion.gas as item,
        'kg' as unit,
        '' as provider_region,
        '' as supply,
        'energy' as stage,
        case
            when combustion.gas like 'co2%' then 'co2'
            else split_part(combustion.gas, '_', 1) || '_combustion'
        end as exchange_type,
        combustion.evidence,
        combustion.amount_kg as amount
    from {{ ref('int_plant_combustion') }} as combustion
    left join reported_emission as measured
        on
            combustion.submission_id = measured.submission_id
            and combustion.gas = measured.gas
            and measured.source = 'combustion_measured'
    where measured.submission_id is null

    union all

    select
        submission_id,
        'elementary' as kind,
        'output' as direction,
        gas as item,
        'kg' as unit,
        '' as provider_region,
        '' as supply,
        case when source = 'combustion_measured' then 'energy' else 'process' end as stage,
        case
            when gas like 'co2%' then 'co2'
            when gas like 'ch4%' or gas = 'n2o'
                then
                    split_part(gas, '_', 1)
                    || case
                        when source = 'combustion_measured' then '_combustion' else '_process'
                    end
            else 'halogenated_process'
        end as exchange_type,
        case method
            when 'measured' then 'measured'
            when 'mass_balance' then 'mass_balance'
            else 'direct_factor'
        end as evidence,
        amount_kg as amount
    from reported_emission

    union all

    select
        submission_id,
        'product' as kind,
        'output' as direction,
        product_code as item,
        unit,
        '' as provider_region,
        '' as supply,
        'raw_materials' as stage,
        'demand' as exchange_type,
        null as evidence,
        output_amount as amount
    from {{ ref('int_plant_output') }}
    where allocation = 'system_expansion' and not is_main

    union all

    select
        submission_id,
        'elementary' as kind,
        'input' as direction,
        'co2_biogenic_uptake' as item,
        'kg' as unit,
        '' as provider_region,
        '' as supply,
        'raw_materials' as stage,
        'co2' as exchange_type,
        'default_factor' as evidence,
        uptake_kg as amount
    from {{ ref('int_plant_uptake') }}

)

select
    exchange.submission_id,
    exchange.kind,
    exchange.direction,
    exchange.item,
    exchange.unit,
    exchange.provider_region,
    exchange.supply,
    exchange.stage,
    exchange.exchange_type,
    coalesce(exchange.evidence, submission.evidence) as evidence,
    cast(sum(exchange.amount) as decimal(38, 6)) as amount
from exchange
inner join submission on exchange.submission_id = submission.submission_id
group by all
having sum(exchange.amount) > 0
