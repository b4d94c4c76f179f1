-- One row per indicator and score: what the score adds to the variance of ln(amount)
-- (docs/methods.md, 14).
select
    indicator,
    score,
    power(ln(factor) / 2, 2) as variance
from {{ ref('pedigree_factor') }}
