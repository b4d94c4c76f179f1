-- One row per kind of input that nobody provides, with what is missing. Empty when the database is
-- closed; a test fails otherwise (an input is never dropped without a word).
select
    *,
    case
        when provider_type is null and supply <> '' then 'no factor of electricity'
        when provider_type is null then 'no plant surveyed and no default'
        else 'the provider counts in ' || provider_unit
    end as finding
from {{ ref('int_input_provider') }}
where provider_id is null
