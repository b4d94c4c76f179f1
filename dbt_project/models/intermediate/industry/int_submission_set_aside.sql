-- One row per submission and reason why no inventory is derived from it. A submission stands here
-- whole: nothing of it enters a dataset. Few come so far: most are refused with their receipt
-- (ingestion/survey/checks.py).
with submission as (

    select * from {{ ref('stg_survey_submission') }}

),

output as (

    select * from {{ ref('int_plant_output') }}

),

producing as (

    select submission_id
    from output
    where is_main and output_amount > 0

),

fuel_without_carbon as (

    select distinct answer.submission_id
    from {{ ref('stg_survey_input') }} as answer
    left join {{ ref('stg_product') }} as catalogue
        on answer.product_code = catalogue.product_code
    left join {{ ref('product_fuel') }} as fuel on answer.product_code = fuel.product_code
    where
        answer.kind = 'fuel'
        and answer.amount > 0
        and coalesce(answer.carbon_content, catalogue.carbon_content_kg_per_unit) is null
        and not coalesce(fuel.is_carbon_free, false)
        and answer.submission_id not in (
            select measured.submission_id
            from {{ ref('stg_survey_emission') }} as measured
            where measured.source = 'combustion_measured' and measured.gas like 'co2%'
        )

),

haul_without_mass as (

    select distinct haul.submission_id
    from {{ ref('stg_survey_transport') }} as haul
    left join {{ ref('stg_product') }} as catalogue on haul.product_code = catalogue.product_code
    where
        haul.amount * haul.distance_km > 0
        and haul.unit <> 'kg'
        and catalogue.mass_kg_per_unit is null

),

-- Something went in or came out: output of something from nothing is a form left half empty.
inventory as (

    {% for table in ['input', 'electricity', 'transport', 'emission'] %}
        select
            submission_id,
            '{{ table }}' as answered_in
        from {{ ref('stg_survey_' ~ table) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

finding as (

    select
        submission_id,
        'output_missing' as reason
    from submission
    where submission_id not in (select producing.submission_id from producing)
    union all
    select
        submission_id,
        'main_product_repeated' as reason
    from output
    where main_products > 1
    union all
    select
        output.submission_id,
        'main_product_differs' as reason
    from output
    inner join submission on output.submission_id = submission.submission_id
    where output.is_main and output.product_code <> submission.product_code
    union all
    select
        submission_id,
        'product_unknown' as reason
    from output
    where catalogue_unit is null
    union all
    select
        submission_id,
        'unit_differs' as reason
    from output
    where units > 1 or unit <> catalogue_unit
    union all
    select
        submission_id,
        'allocation_bases_differ' as reason
    from output
    where has_mixed_bases
    union all
    select
        submission_id,
        'allocation_basis_missing' as reason
    from output
    where allocation is null
    union all
    select
        submission_id,
        'allocation_value_missing' as reason
    from output
    where
        allocation in ('mass', 'energy', 'economic')
        and output_amount > 0
        and coalesce(basis_per_unit, 0) <= 0
    union all
    select
        submission_id,
        'fuel_carbon_unknown' as reason
    from fuel_without_carbon
    union all
    select
        submission_id,
        'haul_mass_unknown' as reason
    from haul_without_mass
    union all
    select
        submission_id,
        'inventory_empty' as reason
    from submission
    where submission_id not in (select inventory.submission_id from inventory)

)

select distinct
    submission_id,
    reason
from finding
