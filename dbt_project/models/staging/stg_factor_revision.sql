-- By how much each value moved and why, as the replay of all vintages tells.
with replayed as (

    {{ replayed('revision', dict(
        replayed_meaning(), previous_value='decimal(18, 12)', value='decimal(18, 12)',
        by_data='decimal(18, 12)', by_upstream='decimal(18, 12)', by_method='decimal(18, 12)',
        by_correction='decimal(18, 12)'
    )) }}

)

select
    *,
    {{ factor_id() }} as factor_id
from replayed
where period_end <= last_day(cast('{{ var("release_month") }}-01' as date))
