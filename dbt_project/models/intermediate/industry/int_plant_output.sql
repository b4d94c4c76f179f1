-- One row per submission and product: what was made, and what an allocation would weigh it by - kg,
-- MJ or CNY per unit (ISO 14044, 4.3.4.2). Rows of one product and submission are added up. Nothing
-- is left out here; int_submission_set_aside says what cannot be derived.
with output as (

    select
        submission_id,
        product_code,
        max(case when role = 'main' then 1 else 0 end) = 1 as is_main,
        sum(output_amount) as output_amount,
        min(unit) as unit,
        count(distinct unit) as units,
        -- The price of several rows is that of all: weighted by output.
        {% for column in ['price_cny', 'energy_mj_per_unit'] %}
            case
                when sum(output_amount) > 0 and count({{ column }}) = count(*)
                    then
                        cast(sum({{ energy(
                            'cast(output_amount as double) * cast(' ~ column ~ ' as double)'
                        ) }}) as double) / cast(sum(output_amount) as double)
            end as {{ column }},
        {% endfor %}
        min(allocation_basis) as allocation_basis,
        count(distinct allocation_basis) as bases
    from {{ ref('stg_survey_product') }}
    group by submission_id, product_code

),

-- One basis a submission: as its lines say, main product first.
submission as (

    select
        submission_id,
        coalesce(
            max(case when is_main then allocation_basis end), min(allocation_basis)
        ) as allocation_basis,
        count(distinct allocation_basis) > 1 or max(bases) > 1 as has_mixed_bases,
        count(*) filter (where output_amount > 0) as products,
        count(*) filter (where is_main) as main_products
    from output
    group by submission_id

),

catalogue as (

    select * from {{ ref('stg_product') }}

)

select
    output.submission_id,
    output.product_code,
    output.is_main,
    output.output_amount,
    output.unit,
    output.units,
    catalogue.unit as catalogue_unit,
    case
        when submission.products <= 1 then 'none' else submission.allocation_basis
    end as allocation,
    submission.has_mixed_bases,
    submission.main_products,
    case submission.allocation_basis
        when 'mass' then catalogue.mass_kg_per_unit
        when 'energy'
            then
                coalesce(
                    output.energy_mj_per_unit, catalogue.lower_heating_value_mj_per_unit
                )
        when 'economic' then output.price_cny
    end as basis_per_unit
from output
inner join submission on output.submission_id = submission.submission_id
left join catalogue on output.product_code = catalogue.product_code
