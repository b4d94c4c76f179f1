-- The multiplier by which intensities meet the official fossil-power factor, by year.
select
    'emission_anchor' as metric,
    'CN' as region_code,
    make_date(year, 1, 1) as period_start,
    make_date(year, 12, 31) as period_end,
    'official fossil-power factor of ' || coalesce(cast(official_year as varchar), 'none')
        as detail,
    cast(multiplier as double) as value,
    'ratio' as unit,
    null as threshold,
    'info' as status,
    'Intensities were multiplied by this to meet the official fossil-power factor'
        as sentence_en,
    '排放强度按此系数调整以符合公布的化石电力因子' as sentence_zh
from {{ ref('int_emission_anchor') }}
where year <= {{ var('release_month')[:4] }}
