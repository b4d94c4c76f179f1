-- One row per indicator and score: what the score adds to the variance of ln(amount) (METHODS 3).
select
    indicator,
    score,
    power(ln(factor) / 2, 2) as variance
from {{ ref('pedigree_factor') }}
