-- The factors that were published last before this build, each from the newest release that holds
-- it. No rows before the first release.
with published as (

    {{ published_before() }}

)

select *
from published
