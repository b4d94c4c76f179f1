-- One row per cell and exchange: the production-weighted average, sum of amounts over sum of
-- outputs, per unit of the product (docs/methods.md, 13), with
--   sigma    of ln(amount): between groups where at least ten have the exchange,
--            sqrt(ln(1 + CV^2)) with CV^2 = (sum_g (a_g/A)^2 / (w_g/W) - 1) n / (n - 1); of fewer
--            it would tell of each, so there the pedigree. What rests on a default
--            factor is as uncertain as the factor, however many use it: the pedigree as well
--   dqr_*    scores of the evidence, weighted by amount
with cell as (

    select * from {{ ref('int_cell') }}

),

contribution as (

    select * from {{ ref('int_cell_contribution') }}

),

group_output as (

    select
        process_id,
        group_code,
        weight
    from {{ ref('int_contribution_weight') }}

),

variance as (

    select * from {{ ref('int_pedigree_variance') }}

),

{% set key = [
    'process_id', 'kind', 'direction', 'item', 'unit', 'provider_region', 'supply', 'stage',
    'exchange_type', 'origin',
] %}

weighted as (

    select
        contribution.*,
        group_output.weight
    from contribution
    inner join group_output
        on
            contribution.process_id = group_output.process_id
            and contribution.group_code = group_output.group_code

),

weighed as (

    select
        *,
        sum(amount) over (partition by {{ key | join(', ') }}) as cell_amount,
        sum(weight) over (partition by {{ key | join(', ') }}) as cell_weight
    from weighted

),

averaged as (

    select
        {{ key | join(', ') }},
        sum(amount) as amount,
        {% for score in evidence_scores() %}
            cast(sum({{ score }}_amount) as double) / cast(sum(amount) as double) as {{ score }},
        {% endfor %}
        count(*) as contributing_groups,
        -- Sums of decimals, so that the result is the same on one core and on many.
        cast(sum(cast(round(
            power(cast(amount as double) / cast(cell_amount as double), 2)
            / (cast(weight as double) / cast(cell_weight as double)), 12
        ) as decimal(38, 12))) as double) as dispersion
    from weighed
    group by all

),

scored as (

    select
        averaged.*,
        cell.output_amount,
        -- How much of the cell's producers is seen; an assumption after the pedigree's wording.
        case
            when cell.n_groups >= 10 then 1
            when cell.n_groups >= 5 then 2
            when cell.n_groups >= 3 then 3
            when cell.n_groups = 2 then 4
            else 5
        end as completeness,
        power(ln(basic.factor) / 2, 2) as basic_variance
    from averaged
    inner join cell on averaged.process_id = cell.process_id
    inner join {{ ref('basic_uncertainty') }} as basic
        on averaged.exchange_type = basic.exchange_type

)

select
    {% for name in key %}
        scored.{{ name }},
    {% endfor %}
    scored.contributing_groups,
    cast(scored.amount as double) / cast(scored.output_amount as double) as amount,
    {% for score in rating_scores() %}
        round(scored.{{ score }}, 6) as {{ score }},
    {% endfor %}
    round(
        sqrt(
            case
                when scored.contributing_groups >= 10 and scored.origin = 'primary'
                    then
                        ln(
                            1 + greatest(scored.dispersion - 1, 0)
                            * scored.contributing_groups / (scored.contributing_groups - 1)
                        )
                else
                    scored.basic_variance
                    {% for indicator in pedigree_indicators() %}
                        + {{ indicator }}_variance.variance
                    {% endfor %}
            end
        ), 9
    ) as sigma
from scored
{% for indicator in pedigree_indicators() %}
    inner join variance as {{ indicator }}_variance
        on
            {{ indicator }}_variance.indicator = '{{ indicator }}'
            -- A mixture is scored as the worse of its neighbours.
            and {{ indicator }}_variance.score = ceil(round(scored.{{ indicator }}, 6))
{% endfor %}
