-- One row per submission that is known, with the first receipt that brought it: its id is the hash
-- of its content, so that every receipt brings the same answers. Those that a later form of the
-- plant replaces stand here too, with their answers (stg_survey_*): an earlier release may have
-- counted them. Which one counts is decided in int_contributor_set. The year of a submission is
-- that of the middle day of its period.
with known as (

    {{ as_known('survey_submission', ['submission_id', 'receipt_id']) }}

),

first_known as (

    select *
    from known
    qualify row_number() over (
        partition by submission_id
        order by known_at asc, receipt_id asc, row_number asc
    ) = 1

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
from first_known
