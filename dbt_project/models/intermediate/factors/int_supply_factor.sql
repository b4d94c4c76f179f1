-- Supply average of the official structure (METHODS a, equations 3 and 4):
-- EF_i = (Em_i + sum_j EF_j Imp_ji) / (E_i + sum_j Imp_ji), Imp the net import where positive.
-- EF_j is the exporter's generation average (basis generation) or its own supply average (basis
-- network: a linear system, solved in int_network_factor). For the nation both are Em / E.
with generation as (

    select * from {{ ref('int_generation_factor') }}

),

network as (

    select * from {{ ref('int_network_factor') }}

),

interchange as (

    select
        interchange.*,
        quality.relative_sd,
        quality.dqr as interchange_dqr
    from {{ ref('int_interchange_period') }} as interchange
    inner join {{ ref('int_method_quality') }} as quality
        on quality.method_id = 'least_squares_balance'

),

exporter as (

    select
        interchange.level,
        interchange.to_region_code,
        interchange.period_start,
        interchange.resolution,
        interchange.energy_mwh,
        interchange.relative_sd,
        greatest(interchange.interchange_dqr, generation.dqr) as dqr,
        generation.value as generation_value,
        cast(network.value as double) as network_value,
        generation.variance,
        generation.known_at
    from interchange
    inner join generation
        on
            interchange.level = generation.level
            and interchange.from_region_code = generation.area_code
            and interchange.period_start = generation.period_start
            and interchange.resolution = generation.resolution
    inner join network
        on
            interchange.level = network.level
            and interchange.from_region_code = network.area_code
            and interchange.period_start = network.period_start
            and interchange.resolution = network.resolution

),

imported as (

    select
        level,
        to_region_code as area_code,
        period_start,
        resolution,
        sum(energy_mwh) as import_mwh,
        sum({{ energy('energy_mwh * generation_value * 1000') }}) as generation_co2_kg,
        sum({{ energy('energy_mwh * network_value * 1000') }}) as network_co2_kg,
        sum({{ energy('energy_mwh * dqr') }}) as dqr_mwh,
        sum({{ energy(
            'pow(cast(energy_mwh as double) * 1e-3, 2) * variance'
        ) }}) as factor_variance_gwh2,
        max(known_at) as known_at
    from exporter
    group by level, to_region_code, period_start, resolution

),

basis as (

    select
        generation.* exclude (known_at),
        greatest(generation.known_at, coalesce(imported.known_at, generation.known_at)) as known_at,
        'generation' as import_factor_basis,
        coalesce(imported.import_mwh, 0) as import_mwh,
        coalesce(imported.dqr_mwh, 0) as import_dqr_mwh,
        coalesce(imported.factor_variance_gwh2, 0) as import_factor_variance_gwh2,
        cast(generation.co2_kg + coalesce(imported.generation_co2_kg, 0) as double)
        / (generation.generation_mwh + coalesce(imported.import_mwh, 0)) / 1000 as supply_value
    from generation
    left join imported
        on
            generation.level = imported.level
            and generation.area_code = imported.area_code
            and generation.period_start = imported.period_start
            and generation.resolution = imported.resolution

    union all

    select
        generation.* exclude (known_at),
        greatest(generation.known_at, coalesce(imported.known_at, generation.known_at)) as known_at,
        'network' as import_factor_basis,
        coalesce(imported.import_mwh, 0) as import_mwh,
        coalesce(imported.dqr_mwh, 0) as import_dqr_mwh,
        coalesce(imported.factor_variance_gwh2, 0) as import_factor_variance_gwh2,
        coalesce(cast(network.value as double), generation.value) as supply_value
    from generation
    left join network
        on
            generation.level = network.level
            and generation.area_code = network.area_code
            and generation.period_start = network.period_start
            and generation.resolution = network.resolution
    left join imported
        on
            generation.level = imported.level
            and generation.area_code = imported.area_code
            and generation.period_start = imported.period_start
            and generation.resolution = imported.resolution

),

-- How far the mix of what is imported may be wrong: sum_j ((EF_j - EF_i) sd(Imp_ji))^2.
interchange_variance as (

    select
        basis.level,
        basis.area_code,
        basis.period_start,
        basis.resolution,
        basis.import_factor_basis,
        sum({{ energy(
            'pow((exporter.generation_value - basis.supply_value) * cast(exporter.energy_mwh as double) * 1e-3 * exporter.relative_sd, 2)'
        ) }}) as variance_gwh2
    from basis
    inner join exporter
        on
            basis.level = exporter.level
            and basis.area_code = exporter.to_region_code
            and basis.period_start = exporter.period_start
            and basis.resolution = exporter.resolution
    group by
        basis.level,
        basis.area_code,
        basis.period_start,
        basis.resolution,
        basis.import_factor_basis

)

select
    basis.level,
    basis.area_code,
    basis.year,
    basis.period_start,
    basis.period_end,
    basis.resolution,
    basis.maturity,
    basis.import_factor_basis,
    basis.generation_mwh,
    basis.reported_mwh,
    basis.import_mwh,
    basis.supply_value as value,
    (
        basis.variance * pow(cast(basis.generation_mwh as double) / 1e3, 2)
        + cast(basis.import_factor_variance_gwh2 as double)
        + cast(coalesce(interchange_variance.variance_gwh2, 0) as double)
    )
    / pow(cast(basis.generation_mwh + basis.import_mwh as double) / 1e3, 2) as variance,
    (
        basis.dqr * cast(basis.generation_mwh as double) + cast(basis.import_dqr_mwh as double)
    )
    / cast(basis.generation_mwh + basis.import_mwh as double) as dqr,
    basis.known_at
from basis
left join interchange_variance
    on
        basis.level = interchange_variance.level
        and basis.area_code = interchange_variance.area_code
        and basis.period_start = interchange_variance.period_start
        and basis.resolution = interchange_variance.resolution
        and basis.import_factor_basis = interchange_variance.import_factor_basis
