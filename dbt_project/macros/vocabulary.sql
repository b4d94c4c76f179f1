{# The four parts of the data-quality rating (PEF: TeR, GeR, TiR, P), as columns are named after. #}
{% macro quality_parts() %}
    {{ return(['technological', 'geographical', 'temporal', 'precision']) }}
{% endmacro %}

{# The technologies of generation, as the network carries them. #}
{% macro technologies() %}
    {{ return(['coal', 'gas', 'oil', 'biomass', 'hydro', 'nuclear', 'wind', 'solar']) }}
{% endmacro %}

{# The gases of combustion, as columns are named after: `co2_kg`, `ch4_kg`, `n2o_kg`. #}
{% macro gases() %}
    {{ return(['co2', 'ch4', 'n2o']) }}
{% endmacro %}

{# What generation brings along: energy by evidence, emissions, and quality scores times each. #}
{% macro carried_quantities() %}
    {% set names = [
        'generation_mwh', 'reported_mwh', 'completed_mwh', 'modelled_mwh',
        'co2_kg', 'ch4_kg', 'n2o_kg', 'lca_co2e_kg',
    ] %}
    {% for part in quality_parts() %}
        {% for unit in ['mwh', 'co2_kg', 'lca_kg'] %}
            {% do names.append(part ~ '_score_' ~ unit) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
