-- One row per submission, fuel line and gas: what the fuels of a plant give off when burnt, in kg.
--   CO2 = amount x carbon content x oxidation x 44/12
--   CH4, N2O = amount x heating value x default factor (IPCC 2006, vol. 2, table 2.2)
-- Carbon content and heating value are the laboratory's where given, else the catalogue's; where
-- the laboratory gives the heating value alone, the catalogue's carbon goes with it in proportion.
-- Oxidation is the laboratory's, else the guideline's, else all. Carbon of biogenic origin gives
-- biogenic CO2 and CH4. Whether a measurement replaces a gas is settled in int_plant_exchange.
with burnt as (

    select
        answer.submission_id,
        answer.line,
        answer.product_code,
        cast(answer.amount as double) as amount,
        coalesce(catalogue.carbon_origin, 'fossil') = 'biogenic' as is_biogenic,
        coalesce(
            cast(answer.lower_heating_value as double), catalogue.lower_heating_value_mj_per_unit
        ) as heating_value,
        coalesce(
            cast(answer.carbon_content as double),
            catalogue.carbon_content_kg_per_unit * coalesce(
                cast(answer.lower_heating_value as double)
                / nullif(catalogue.lower_heating_value_mj_per_unit, 0), 1
            )
        ) as carbon_content,
        coalesce(cast(answer.oxidation as double), guideline.oxidation_rate, 1) as oxidation,
        answer.carbon_content is not null as has_laboratory_carbon,
        fuel.gas_fuel
    from {{ ref('stg_survey_input') }} as answer
    left join {{ ref('stg_product') }} as catalogue
        on answer.product_code = catalogue.product_code
    left join {{ ref('product_fuel') }} as fuel on answer.product_code = fuel.product_code
    left join {{ ref('int_fuel_carbon') }} as guideline on fuel.oxidation_fuel = guideline.fuel
    where answer.kind = 'fuel' and answer.amount > 0

),

default_gas as (

    select * from {{ ref('stg_combustion_gas') }}

)

select
    submission_id,
    line,
    product_code,
    case when is_biogenic then 'co2_biogenic' else 'co2_fossil' end as gas,
    {{ energy('amount * carbon_content * oxidation * 44 / 12') }} as amount_kg,
    case when has_laboratory_carbon then 'measured' else 'default_factor' end as evidence
from burnt
where carbon_content > 0

union all

select
    burnt.submission_id,
    burnt.line,
    burnt.product_code,
    case
        when default_gas.gas = 'N2O' then 'n2o'
        when burnt.is_biogenic then 'ch4_biogenic'
        else 'ch4_fossil'
    end as gas,
    {{ energy('burnt.amount * burnt.heating_value * default_gas.kg_per_tj / 1000000') }}
        as amount_kg,
    'default_factor' as evidence
from burnt
inner join default_gas on burnt.gas_fuel = default_gas.fuel
where burnt.heating_value > 0
