-- One row per submission and supply of electricity, in kWh. The supply names the process that
-- delivers it:
--   consumption_mix   from the grid, by a plant that claims no certificate
--   residual_mix      from the grid, by a plant that claims certificates for another part of its
--                     use; and what is claimed without certificate or of no known technology
--   <technology>      claimed by certificate, delivered over the grid
--   direct_line_<technology>   by a line of its own, at the busbar
-- What a plant generates itself brings nothing along beyond its fuels. The technology of a
-- certificate is what the plant says, else what the register says of all the certificates named.
with used as (

    select * from {{ ref('stg_survey_electricity') }}
    where origin <> 'self_generated' and energy_mwh > 0

),

generation as (

    {% for name in technologies() %}
        select '{{ name }}' as technology
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

named_certificate as (

    select
        submission_id,
        line,
        trim(unnest(string_split(replace(certificate_ids, '；', ';'), ';'))) as certificate_id
    from used
    where origin = 'green_certificate'

),

registered as (

    select
        named_certificate.submission_id,
        named_certificate.line,
        case
            when
                count(certificate.certificate_id) = count(*)
                and count(distinct certificate.technology) = 1
                then min(certificate.technology)
        end as technology
    from named_certificate
    left join {{ ref('stg_certificate') }} as certificate
        on
            named_certificate.certificate_id = certificate.certificate_id
            and certificate.status = 'retired'
    where named_certificate.certificate_id <> ''
    group by named_certificate.submission_id, named_certificate.line

),

known as (

    select
        used.submission_id,
        used.line,
        used.origin,
        used.energy_mwh,
        case
            when used.technology is null then registered.technology
            else generation.technology
        end as technology,
        registered.submission_id is not null as has_certificate,
        bool_or(used.origin = 'green_certificate') over (
            partition by used.submission_id
        ) as claims_certificates
    from used
    left join registered
        on used.submission_id = registered.submission_id and used.line = registered.line
    left join generation on lower(used.technology) = generation.technology

),

supplied as (

    select
        submission_id,
        cast(energy_mwh * 1000 as decimal(38, 6)) as energy_kwh,
        case
            when origin = 'grid' and not claims_certificates then 'consumption_mix'
            when origin = 'green_certificate' and has_certificate and technology is not null
                then technology
            when origin = 'direct_line' and technology is not null
                then 'direct_line_' || technology
            else 'residual_mix'
        end as supply
    from known

)

select
    submission_id,
    supply,
    sum(energy_kwh) as energy_kwh
from supplied
group by submission_id, supply
