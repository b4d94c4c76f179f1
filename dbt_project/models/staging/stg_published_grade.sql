-- The scale of each product and year as it was published first: from then on it stands. No rows
-- before the first release.
{% set columns = {
    'release_id': 'varchar',
    'product_code': 'varchar',
    'grade': 'integer',
    'year': 'integer',
    'above': 'double',
    'up_to': 'double',
    'unit': 'varchar',
} %}

with published as (

    {{ released_before('background_grade', columns) }}

)

select *
from published
qualify release_id = min(release_id) over (partition by product_code, year)
