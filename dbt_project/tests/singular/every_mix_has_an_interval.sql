-- A factor without an interval, and an interval without a factor.
{{ config(meta={'dagster': {'ref': {'name': 'int_factor_interval'}}}) }}

with value as (

    select
        factor_kind,
        import_factor_basis,
        gas_scope,
        gwp_set,
        system_boundary,
        includes_td_losses,
        area_code,
        period_start,
        resolution
    from {{ ref('int_factor_value') }}
    where factor_kind <> 'life_cycle_technology'

),

interval as (

    select
        factor_kind,
        import_factor_basis,
        gas_scope,
        gwp_set,
        system_boundary,
        includes_td_losses,
        area_code,
        period_start,
        resolution
    from {{ ref('int_factor_interval') }}

)

(
    select * from value
    except
    select * from interval
)
union all
(
    select * from interval
    except
    select * from value
)
