-- One row per cell, process and finest cell in it (int_background_cell) whose year is published.
select cell.*
from {{ ref('int_background_cell') }} as cell
inner join {{ ref('int_published_year') }} as published
    on cell.product_code = published.product_code and cell.year = published.year
