-- What each node consumes in a month and what that carries: generation + imports - exports, at the
-- mix of all that runs through the node. Over all nodes it adds up to what is generated.
{% set carried = carried_quantities() | reject('equalto', 'generation_mwh') | list %}

select
    period_start as period_month,
    area_code as node_code,
    {{ energy('consumed_mwh') }} as consumed_mwh,
    {% for quantity in carried %}
        {{ energy(quantity) }} as {{ quantity }},
    {% endfor %}
    {% for technology in technologies() %}
        {{ energy(technology ~ '_mwh') }} as {{ technology }}_mwh,
    {% endfor %}
    {{ energy('uncertified_mwh') }} as uncertified_mwh,
    {% for technology in ['biomass', 'hydro', 'wind', 'solar'] %}
        {{ energy('uncertified_' ~ technology ~ '_mwh') }} as uncertified_{{ technology }}_mwh,
    {% endfor %}
    {{ energy('uncertified_lca_co2e_kg') }} as uncertified_lca_co2e_kg
from {{ ref('int_network_solution') }}
where level = 'node'
