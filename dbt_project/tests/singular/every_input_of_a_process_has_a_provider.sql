-- An input that nobody provides would count nothing, without a word.
{{ config(meta={'dagster': {'ref': {'name': 'int_open_input'}}}) }}

select *
from {{ ref('int_open_input') }}
