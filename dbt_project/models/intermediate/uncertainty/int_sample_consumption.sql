-- How well each province's consumption of a month is known (ln GSD): as well as a balance whose
-- statistics are reported (`consumption_sd`), and by as much less as the pedigree of its method
-- exceeds that of a reported value.
with quality as (

    select
        method_id,
        cast(relative_sd as double) as relative_sd
    from {{ ref('int_method_quality') }}

)

select
    consumption.region_code,
    consumption.period_month,
    sqrt(
        pow({{ var('consumption_sd') }}, 2)
        + greatest(pow(own.relative_sd, 2) - pow(reported.relative_sd, 2), 0)
    ) as consumption_sd
from {{ ref('int_monthly_statistic') }} as consumption
inner join quality as own on consumption.method_id = own.method_id
inner join quality as reported on reported.method_id = 'reported'
where consumption.flow = 'consumption'
order by consumption.period_month, consumption.region_code
