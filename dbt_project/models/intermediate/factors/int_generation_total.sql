-- Generation and its emissions of every area by period, all technologies together (numerators and
-- denominator of the generation average of MEE and NBS).
select
    level,
    area_code,
    year,
    period_start,
    period_end,
    resolution,
    maturity,
    {% for quantity in carried_quantities() %}
        sum({{ quantity }}) as {{ quantity }},
    {% endfor %}
    {% for technology in technologies() %}
        sum(case when technology = '{{ technology }}' then generation_mwh else 0 end)
            as {{ technology }}_mwh,
    {% endfor %}
    max(known_at) as known_at
from {{ ref('int_area_period') }}
group by level, area_code, year, period_start, period_end, resolution, maturity
having sum(generation_mwh) > 0
