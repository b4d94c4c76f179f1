-- Relative standard deviation and data-quality scores of each method, from its pedigree:
-- ln(GSD) = 1/2 sqrt(sum of ln(U)^2 + ln(Ub)^2), with Ub = 1.05 for energy flows (ecoinvent).
with method as (

    select * from {{ ref('method') }}

),

factor as (

    select * from {{ ref('pedigree_factor') }}

),

scored as (

    unpivot method
    on reliability, completeness, temporal, geographical, technological
    into name indicator value score

),

spread as (

    select
        scored.method_id,
        cast(
            sqrt(
                cast(sum(cast(pow(ln(factor.factor), 2) as decimal(18, 12))) as double)
                + pow(ln(1.05), 2)
            ) / 2 as decimal(9, 6)
        ) as relative_sd
    from scored
    inner join factor
        on scored.indicator = factor.indicator and scored.score = factor.score
    group by scored.method_id

)

select
    method.method_id,
    method.applies_to,
    method.quality_tier,
    -- What counts as reported, completed or modelled.
    case
        when method.quality_tier in ('measured', 'reported') then 'reported'
        when method.quality_tier = 'estimated' then 'completed'
        else 'modelled'
    end as evidence,
    spread.relative_sd,
    -- PEF: DQR = (TeR + GeR + TiR + P) / 4, the precision P scored by reliability.
    cast(method.technological as decimal(4, 2)) as technological,
    cast(method.geographical as decimal(4, 2)) as geographical,
    cast(method.temporal as decimal(4, 2)) as temporal,
    cast(method.reliability as decimal(4, 2)) as precision
from method
inner join spread on method.method_id = spread.method_id
