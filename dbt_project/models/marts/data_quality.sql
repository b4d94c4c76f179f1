-- Each opinion has a model of its own, all of one shape; here they only come together.
{% set opinions = [
    'basis',
    'capacity',
    'certificate_claim',
    'completion',
    'consumption_scale',
    'emission_anchor',
    'gwp_set',
    'hindsight',
    'identity',
    'inner_mongolia',
    'interval_coverage',
    'jump',
    'life_cycle',
    'national_closure',
    'nowcast',
    'official_deviation',
    'open_balance',
    'provisional_year',
    'storage',
    'year_to_date',
] %}

with metrics as (
    {% for opinion in opinions %}
        select * from {{ ref('int_opinion_' ~ opinion) }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

final as (

    select
        -- ids
        metric,
        region_code,
        period_start,
        period_end,
        detail,

        -- value
        cast(round_even(cast(value as double), 8) as decimal(38, 8)) as value,
        unit,
        cast(cast(threshold as double) as decimal(38, 8)) as threshold,
        status,

        -- words
        sentence_en,
        sentence_zh
    from metrics

)

select *
from final
order by metric, region_code, period_start, period_end, detail
