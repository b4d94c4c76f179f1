-- One row per plant, product, technology and period: of several submissions the one known last. The
-- answers of all other submissions are left out with it, whole (stg_survey_*). The year of a
-- submission is that of the middle day of its period.
{% set key = ['plant_code', 'product_code', 'technology', 'period_start', 'period_end'] %}

with known as (

    {{ as_known('survey_submission', key) }}

)

select
    -- ids
    submission_id,
    plant_code,
    group_code,
    region_code,
    product_code,
    technology,
    industry,
    template_version,

    -- period
    period_start,
    period_end,
    cast(
        extract(year from period_start + cast((period_end - period_start) // 2 as integer))
        as integer
    ) as year,

    -- quantities
    operating_hours,
    capacity,
    capacity_unit,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
