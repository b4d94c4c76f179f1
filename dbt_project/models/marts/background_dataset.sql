{% set headline = "gwp100.ar6." %}

with state as (

    select * from {{ ref('int_dataset_state') }}

),

description as (

    select * from {{ ref('int_background_description') }}

),

quality as (

    select * from {{ ref('int_life_cycle_quality') }}

),

score as (

    select * from {{ ref('background_score') }}

),

published as (

    select *
    from {{ ref('stg_published_dataset') }}
    qualify row_number() over (
        partition by dataset_id
        order by dataset_version desc, release_id desc
    ) = 1

),

headline as (

    select
        dataset_id,
        {% for column in ['value', 'median', 'lower_95', 'upper_95'] %}
            max(case when indicator = '{{ headline }}total' then {{ column }} end) as {{ column }},
        {% endfor %}
        {% for column in ['fossil', 'biogenic_emission', 'biogenic_uptake', 'land_use'] %}
            max(case when indicator = '{{ headline }}{{ column }}' then value end) as {{ column }},
        {% endfor %}
        count(*) as indicators
    from score
    group by dataset_id

),

-- Everything that is published of a dataset, as one hash: its content.
content as (

    select
        dataset_id,
        sha256(string_agg(line, chr(10) order by line)) as content_sha256
    from (
        select
            dataset_id,
            concat_ws('|', 'score', indicator, value, median, lower_95, upper_95) as line
        from score
        union all
        select
            dataset_id,
            concat_ws('|', 'inventory', flow_id, amount) as line
        from {{ ref('background_inventory') }}
        union all
        select
            dataset_id,
            concat_ws(
                '|', 'exchange', kind, direction, flow_id, coalesce(provider_id, '-'), amount, unit,
                origin, stage, sigma, dqr_te, dqr_ge, dqr_ti, dqr_p
            ) as line
        from {{ ref('background_exchange') }}
    )
    group by dataset_id

),

derived as (

    select
        state.dataset_id,
        state.product_code,
        state.technology,
        state.region_code,
        state.allocation,
        state.is_held,
        state.disclosure in ('open', 'aggregated') as is_shown,
        state.year,
        state.unit,
        state.process_type,
        state.disclosure,
        state.merged_into,
        state.contributors_band,
        description.name_zh,
        description.name_en,
        description.technology_zh,
        description.technology_en,
        description.location_code,
        description.national_code,
        description.cpc_code,
        description.source_ids,
        description.known_at,
        description.quality_tier,
        headline.* exclude (dataset_id, indicators),
        content.content_sha256,
        quality.primary_data_share,
        quality.dqr,
        quality.dqr_te,
        quality.dqr_ge,
        quality.dqr_ti,
        quality.dqr_p
    from state
    inner join description on state.dataset_id = description.dataset_id
    left join headline on state.dataset_id = headline.dataset_id
    left join content on state.dataset_id = content.dataset_id
    left join quality on state.process_id = quality.process_id

),

-- Of a dataset that is not shown nothing stands here but what it is, its state and its parent.
stated as (

    select
        dataset_id,
        name_zh,
        name_en,
        product_code,
        technology,
        technology_zh,
        technology_en,
        region_code,
        location_code,
        is_held,
        cast(year as integer) as year,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        unit,
        process_type,
        '{{ system_model() }}' as system_model,
        allocation,
        'cradle_to_gate' as system_boundary,
        disclosure,
        merged_into,
        contributors_band,
        value,
        median,
        lower_95,
        upper_95,
        fossil,
        biogenic_emission,
        biogenic_uptake,
        land_use,
        {% set shown = {
            'primary_data_share': 'decimal(5, 1)', 'dqr': 'decimal(4, 2)',
            'dqr_te': 'decimal(4, 2)', 'dqr_ge': 'decimal(4, 2)', 'dqr_ti': 'decimal(4, 2)',
            'dqr_p': 'decimal(4, 2)',
        } %}
        {% set names = {
            'dqr_te': 'dqr_technological', 'dqr_ge': 'dqr_geographical', 'dqr_ti': 'dqr_temporal',
            'dqr_p': 'dqr_precision',
        } %}
        {% for column, type in shown.items() %}
            case when is_shown then cast(round({{ column }}, 2) as {{ type }}) end
                as {{ names.get(column, column) }},
        {% endfor %}
        quality_tier,
        'not_reviewed' as review_status,
        '{{ background_licence() }}' as licence,
        national_code,
        cpc_code,
        source_ids,
        known_at,
        content_sha256
    from derived

),

-- Where the value published last stands, all that was said with it stands.
standing as (

    select
        {% for column in [
            'dataset_id', 'name_zh', 'name_en', 'product_code', 'technology', 'technology_zh',
            'technology_en', 'region_code', 'location_code', 'system_model', 'allocation',
        ] %}
            stated.{{ column }},
        {% endfor %}
        {% for column, type in background_statement().items() %}
            case
                when stated.is_held then published.{{ column }}
                else stated.{{ column }}
            end as {{ column }},
        {% endfor %}
        published.dataset_version as last_version
    from stated
    left join published on stated.dataset_id = published.dataset_id

),

versioned as (

    select
        standing.*,
        cast(
            case
                when published.dataset_id is null then 1
                when {{ agree('standing', 'published', background_content()) }}
                    then published.dataset_version
                else published.dataset_version + 1
            end as integer
        ) as dataset_version
    from standing
    left join published on standing.dataset_id = published.dataset_id

),

final as (

    select
        -- ids
        dataset_id,
        dataset_version,
        {{ version_text('dataset_version') }} as version_text,
        name_zh,
        name_en,

        -- meaning
        product_code,
        technology,
        technology_zh,
        technology_en,
        region_code,
        location_code,
        year,
        period_start,
        period_end,
        unit,
        process_type,
        system_model,
        allocation,
        system_boundary,

        -- disclosure
        disclosure,
        merged_into,
        contributors_band,

        -- value
        value,
        median,
        lower_95,
        upper_95,
        fossil,
        biogenic_emission,
        biogenic_uptake,
        land_use,

        -- quality
        primary_data_share,
        dqr,
        dqr_technological,
        dqr_geographical,
        dqr_temporal,
        dqr_precision,
        quality_tier,

        -- evidence
        review_status,
        licence,
        national_code,
        cpc_code,
        source_ids,
        known_at,
        content_sha256
    from versioned

)

select *
from final
order by dataset_id
