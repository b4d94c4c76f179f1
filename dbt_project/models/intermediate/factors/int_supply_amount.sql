-- Supply of the official structure (announcements of MEE and NBS) and its combustion gases:
-- EF_i = (Em_i + sum_j EF_j Imp_ji) / (E_i + sum_j Imp_ji), Imp the net import where positive.
-- EF_j is the exporter's generation average (basis generation) or its own supply average (basis
-- network: a linear system). For the nation both are Em / E.
with generation as (

    select * from {{ ref('int_generation_total') }}
    where level in ('province', 'grid_region', 'nation')

),

imported as (

    select
        interchange.level,
        interchange.to_region_code as area_code,
        interchange.period_start,
        interchange.resolution,
        sum(interchange.energy_mwh) as import_mwh,
        {% for gas in gases() %}
            sum({{ energy(
                'exporter.' ~ gas
                ~ '_kg * (cast(interchange.energy_mwh as double) / exporter.generation_mwh)'
            ) }}) as {{ gas }}_kg,
        {% endfor %}
        max(exporter.known_at) as known_at
    from {{ ref('int_interchange_period') }} as interchange
    inner join generation as exporter
        on
            interchange.level = exporter.level
            and interchange.from_region_code = exporter.area_code
            and interchange.period_start = exporter.period_start
            and interchange.resolution = exporter.resolution
    group by
        interchange.level,
        interchange.to_region_code,
        interchange.period_start,
        interchange.resolution

),

network as (

    select * from {{ ref('int_network_solution') }}
    where level in ('province', 'grid_region')

),

supply as (

    select
        generation.level,
        generation.area_code,
        generation.year,
        generation.period_start,
        generation.period_end,
        generation.resolution,
        generation.maturity,
        generation.generation_mwh,
        {% for gas in gases() %}
            generation.{{ gas }}_kg + coalesce(imported.{{ gas }}_kg, 0)
                as generation_basis_{{ gas }}_kg,
            coalesce(
                {{ energy('network.' ~ gas ~ '_kg_per_mwh * network.throughput_mwh') }},
                generation.{{ gas }}_kg
            ) as network_basis_{{ gas }}_kg,
        {% endfor %}
        greatest(
            generation.known_at, coalesce(imported.known_at, generation.known_at)
        ) as known_at,
        coalesce(imported.import_mwh, 0) as import_mwh
    from generation
    left join imported
        on
            generation.level = imported.level
            and generation.area_code = imported.area_code
            and generation.period_start = imported.period_start
            and generation.resolution = imported.resolution
    left join network
        on
            generation.level = network.level
            and generation.area_code = network.area_code
            and generation.period_start = network.period_start
            and generation.resolution = network.resolution

)

{% for basis in ['generation', 'network'] %}
    select
        level,
        area_code,
        year,
        period_start,
        period_end,
        resolution,
        maturity,
        '{{ basis }}' as import_factor_basis,
        generation_mwh,
        import_mwh,
        generation_mwh + import_mwh as supply_mwh,
        {% for gas in gases() %}
            {{ basis }}_basis_{{ gas }}_kg as {{ gas }}_kg,
        {% endfor %}
        known_at
    from supply
    {% if not loop.last %}union all{% endif %}
{% endfor %}
