-- One row per cell of the questionnaires whose year is published.
select cell.*
from {{ ref('int_cell') }} as cell
inner join {{ ref('int_published_year') }} as published
    on cell.product_code = published.product_code and cell.year = published.year
