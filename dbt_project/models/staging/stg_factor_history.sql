-- Since when each value stood, and until when, as the replay of all vintages tells.
with replayed as (

    {{ replayed('history', dict(
        replayed_meaning(), value='decimal(18, 12)', maturity='varchar', superseded_on='date'
    )) }}

)

select
    *,
    {{ factor_id() }} as factor_id
from replayed
where period_end <= last_day(cast('{{ var("release_month") }}-01' as date))
