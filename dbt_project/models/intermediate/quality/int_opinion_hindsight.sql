-- Parameters whose first publication stands in for the time before it: what a release as of an
-- early day uses although it was not known then. Days between both.
select
    'used_before_published' as metric,
    'CN' as region_code,
    knowledge.parameters_as_of as period_start,
    hindsight.known_at as period_end,
    hindsight.raw_table || coalesce('.' || hindsight.published_group, '') as detail,
    cast(hindsight.known_at - knowledge.parameters_as_of as double) as value,
    'days' as unit,
    null as threshold,
    'info' as status,
    'First published on ' || hindsight.known_at || ', after the day of this release ('
    || knowledge.parameters_as_of || '): its first publication stands in' as sentence_en,
    '首次公布于 ' || hindsight.known_at || '，晚于本版截止日 ' || knowledge.parameters_as_of
    || '：以首次公布值代替' as sentence_zh
from {{ ref('stg_hindsight') }} as hindsight
cross join {{ ref('stg_as_of') }} as knowledge
group by all
