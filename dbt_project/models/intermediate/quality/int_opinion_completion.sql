-- Generation that the provincial statistics leave out and that was completed, by method.
select
    'completed_generation' as metric,
    'CN' as region_code,
    make_date(year, 1, 1) as period_start,
    make_date(year, 12, 31) as period_end,
    technology || '.' || method_id as detail,
    cast(sum(energy_mwh) as double) as value,
    'MWh' as unit,
    null as threshold,
    'info' as status,
    'Generation that the provincial statistics leave out and that was completed'
        as sentence_en,
    '分省统计未覆盖、由推算补全的发电量' as sentence_zh
from {{ ref('int_generation_cell') }}
where
    method_id not in ('reported', 'reported_step_shared', 'nowcast_seasonal')
    and period_month <= cast('{{ var("release_month") }}-01' as date)
group by technology, year, method_id
