{#
  The part of `amount` that falls to one product when products share it by cumulative factors
  (`factor_from`, `factor_to`, the last of which is 1): differences of rounded cumulative parts, so
  that the parts add up to the amount exactly.
#}
{% macro allocated(amount, factor_from, factor_to) -%}
    cast(
        case
            when {{ factor_to }} = 1 then {{ amount }}
            else {{ energy('cast(' ~ amount ~ ' as double) * cast(' ~ factor_to ~ ' as double)') }}
        end
        - {{ energy('cast(' ~ amount ~ ' as double) * cast(' ~ factor_from ~ ' as double)') }}
        as decimal(38, 6)
    )
{%- endmacro %}

{#
  Cumulative shares of `weight` in its partition up to and with this row, in twelve places; the last
  is 1. `weight` is a decimal, so that its sums do not depend on the order of rows.
#}
{% macro cumulative_share(weight, partition_by, order_by, before=false) -%}
    cast(
        round(
            cast(
                sum({{ weight }}) over (partition by {{ partition_by }} order by {{ order_by }})
                {%- if before %} - {{ weight }}{% endif %} as double
            )
            / cast(sum({{ weight }}) over (partition by {{ partition_by }}) as double), 12
        ) as decimal(38, 12)
    )
{%- endmacro %}

{# The scores of evidence that amounts are weighted by. #}
{% macro evidence_scores() %}
    {{ return(['reliability', 'temporal', 'geographical', 'technological'] + rating_scores()) }}
{% endmacro %}

{# The five indicators of the pedigree and the four scores of the data-quality rating. #}
{% macro pedigree_indicators() %}
    {{ return(['reliability', 'completeness', 'temporal', 'geographical', 'technological']) }}
{% endmacro %}

{% macro rating_scores() %}
    {{ return(['dqr_te', 'dqr_ge', 'dqr_ti', 'dqr_p']) }}
{% endmacro %}

{# Where an input belongs in the life cycle of what is made of it. #}
{% macro input_stage(kind) -%}
    case when {{ kind }} in ('fuel', 'steam') then 'energy' else 'raw_materials' end
{%- endmacro %}

{# The score of data that are some years away from the year they stand for. #}
{% macro temporal_score(years) -%}
    case
        when abs({{ years }}) < 3 then 1
        when abs({{ years }}) < 6 then 2
        when abs({{ years }}) < 10 then 3
        when abs({{ years }}) < 15 then 4
        else 5
    end
{%- endmacro %}

{# Where a product belongs in the life cycle, from what it is, when it is supplied by a market or a
   default. #}
{% macro product_stage(product_code) -%}
    case split_part({{ product_code }}, '.', 1)
        when 'fuel' then 'energy'
        when 'energy' then 'energy'
        when 'transport' then 'transport'
        when 'waste' then 'waste'
        else 'raw_materials'
    end
{%- endmacro %}

{# Lines of one section of the questionnaire, of the submissions that are known, each from the one
   receipt that its submission was taken from. #}
{% macro answered(table) -%}
    select answer.*
    from {{ source('raw', table) }} as answer
    inner join {{ ref('stg_survey_submission') }} as submission
        on
            answer.submission_id = submission.submission_id
            and answer.receipt_id = submission.receipt_id
{%- endmacro %}
