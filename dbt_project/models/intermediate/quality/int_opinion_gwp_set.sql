-- Whether each GWP set weighs every gas of combustion. One that lacks a gas is a warning: no CO2e
-- is published under it, and no gas is taken from another set or document.
{% set wanted_sets = ['AR4', 'AR5', 'AR6'] %}

with wanted as (

    {% for set in wanted_sets %}
        select '{{ set }}' as gwp_set
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- Methane of combustion is the one whose carbon is counted as CO2 already.
document as (

    select
        gwp_set,
        guideline,
        bool_or(gas in ('CH4', 'CH4_biogenic_or_combustion')) as has_ch4,
        bool_or(gas = 'N2O') as has_n2o
    from {{ ref('stg_gwp') }}
    group by gwp_set, guideline

),

-- The document of a set that holds the most.
fullest as (

    select
        wanted.gwp_set,
        coalesce(document.has_ch4, false) as has_ch4,
        coalesce(document.has_n2o, false) as has_n2o
    from wanted
    left join document on wanted.gwp_set = document.gwp_set
    qualify row_number() over (
        partition by wanted.gwp_set
        order by
            cast(document.has_ch4 as integer) + cast(document.has_n2o as integer) desc nulls last,
            document.guideline asc
    ) = 1

),

judged as (

    select
        fullest.gwp_set,
        whole.gwp_set is not null as is_whole,
        cast(fullest.has_ch4 as integer) + cast(fullest.has_n2o as integer) as gases,
        concat_ws(
            ', ',
            case when not fullest.has_ch4 then 'CH4' end,
            case when not fullest.has_n2o then 'N2O' end
        ) as lacking
    from fullest
    left join {{ ref('int_gwp_set') }} as whole on fullest.gwp_set = whole.gwp_set

)

select
    'gwp_set_gases' as metric,
    'CN' as region_code,
    make_date({{ var('release_month')[:4] }}, 1, 1) as period_start,
    last_day(cast('{{ var("release_month") }}-01' as date)) as period_end,
    gwp_set as detail,
    gases as value,
    'gases besides CO2' as unit,
    2 as threshold,
    case when is_whole then 'ok' else 'warning' end as status,
    case
        when is_whole then 'GWP set ' || gwp_set || ' weighs CH4 and N2O'
        else
            'GWP set ' || gwp_set || ' lacks ' || lacking || ': no CO2e is published under it'
    end as sentence_en,
    case
        when is_whole then gwp_set || ' 含 CH4 与 N2O 的 GWP'
        else gwp_set || ' 缺少 ' || lacking || ' 的 GWP，未发布该集的 CO2e'
    end as sentence_zh
from judged
