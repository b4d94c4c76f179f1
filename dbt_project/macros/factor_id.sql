{# The id of a factor from the columns that say what it means; it names the meaning for good. #}
{% macro factor_id() -%}
    'electricity.' || factor_kind || '.'
    || case
        when factor_kind not like 'life_cycle%' then import_factor_basis
        else
            case when technology <> 'all' then technology || '_' else '' end
            || case
                when system_boundary = 'cradle_to_busbar' then 'busbar'
                when includes_td_losses then 'user'
                else 'user_without_losses'
            end
    end
    || '.' || lower(gas_scope)
    || case
        when gas_scope = 'CO2e' and factor_kind not like 'life_cycle%' then '_' || lower(gwp_set)
        else ''
    end
    || '.' || area_code || '.'
    || case
        when resolution = 'month' then strftime(period_start, '%Y-%m')
        else strftime(period_start, '%Y')
    end
{%- endmacro %}
