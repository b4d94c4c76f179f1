-- One row per product, with the year that is published of it: the newest complete one of which
-- plants report. Suppliers without plants (defaults, electricity) have theirs by themselves.
select
    product_code,
    max(year) as year
from {{ ref('int_cell') }}
where make_date(year, 12, 1) <= strptime('{{ var("release_month") }}-01', '%Y-%m-%d')
group by product_code
