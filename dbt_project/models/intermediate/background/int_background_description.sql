-- One row per dataset: what it is called, what it rests on and since when that is known.
with state as (

    select * from {{ ref('int_dataset_state') }}

),

technology as (

    select * from {{ ref('background_technology') }}

),

plant as (

    select distinct
        member.process_id,
        submission.source_id,
        submission.known_at
    from {{ ref('int_publishable_member') }} as member
    inner join {{ ref('int_plant_flow') }} as flow on member.leaf_process_id = flow.process_id
    inner join {{ ref('stg_survey_submission') }} as submission
        on flow.submission_id = submission.submission_id
    where flow.is_counted

),

synthetic as (

    select distinct source_id from {{ ref('stg_source') }}
    where quality_tier = 'synthetic'

),

certificate as (

    select count(*) > 0 as is_synthetic
    from {{ ref('stg_certificate') }}
    where source_id in (select synthetic.source_id from synthetic)

),

inventory as (

    select
        product_code,
        string_agg(distinct source_id, ',' order by source_id) as source_ids,
        max(known_at) as known_at
    from {{ ref('stg_background_default') }}
    group by product_code

),

-- Behind every questionnaire's dataset stand defaults somewhere in its chain.
shared as (

    select
        string_agg(distinct source_id, ',' order by source_id) as default_ids,
        max(known_at) as default_known_at
    from {{ ref('stg_background_default') }}

),

quality as (

    select
        factor_kind,
        area_code,
        extract(year from period_start) as year,
        max(known_at) as known_at
    from {{ ref('int_factor_quality') }}
    where resolution = 'year'
    group by all

),

electricity as (

    select
        process.process_id,
        sources.source_ids,
        quality.known_at
    from {{ ref('int_electricity_process') }} as process
    inner join {{ ref('int_source_list') }} as sources
        on
            sources.gas_scope = 'CO2e'
            and sources.factor_kind
            = case process.supply
                when 'consumption_mix' then 'life_cycle_consumption'
                when 'residual_mix' then 'life_cycle_residual'
                else 'life_cycle_technology'
            end
    left join quality
        on
            sources.factor_kind = quality.factor_kind
            and process.region_code = quality.area_code
            and process.factor_year = quality.year

),

evidence as (

    select
        process_id,
        string_agg(distinct source_id, ',' order by source_id) as source_ids,
        max(known_at) as known_at,
        bool_or(source_id in (select synthetic.source_id from synthetic)) as is_synthetic
    from plant
    group by process_id

)

select
    state.dataset_id,
    state.process_id,
    product.name_zh || '，' || coalesce(technology.name_zh, state.technology) || '，'
    || region.name_zh as name_zh,
    product.name_en || ', ' || coalesce(technology.name_en, state.technology) || ', '
    || region.name_en as name_en,
    coalesce(technology.name_zh, state.technology) as technology_zh,
    coalesce(technology.name_en, state.technology) as technology_en,
    location.location_code,
    product.national_code,
    product.cpc_code,
    case state.model_process_type
        when 'default' then inventory.source_ids
        when 'electricity' then electricity.source_ids
        else array_to_string(
            list_sort(list_distinct(
                string_split(concat_ws(',', evidence.source_ids, shared.default_ids), ',')
            )), ','
        )
    end as source_ids,
    case state.model_process_type
        when 'default' then inventory.known_at
        when 'electricity' then electricity.known_at
        else greatest(evidence.known_at, shared.default_known_at)
    end as known_at,
    case
        when state.model_process_type = 'default' then 'default'
        when state.model_process_type = 'electricity'
            then
                case
                    when state.technology = 'residual_mix' and certificate.is_synthetic
                        then 'synthetic'
                    else 'modelled'
                end
        when evidence.is_synthetic then 'synthetic'
        else 'reported'
    end as quality_tier
from state
cross join shared
cross join certificate
left join {{ ref('stg_product') }} as product on state.product_code = product.product_code
left join technology
    on
        state.technology = technology.technology
        and technology.product_code in ('*', state.product_code)
left join {{ ref('stg_region') }} as region on state.region_code = region.region_code
left join {{ ref('region_location') }} as location on state.region_code = location.region_code
left join evidence on state.process_id = evidence.process_id
left join inventory on state.product_code = inventory.product_code
left join electricity on state.process_id = electricity.process_id
qualify row_number() over (
    partition by state.dataset_id order by technology.product_code desc nulls last
) = 1
