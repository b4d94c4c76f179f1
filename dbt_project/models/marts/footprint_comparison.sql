with benchmark as (

    select * from {{ ref('stg_product_benchmark') }}

),

dataset as (

    select * from {{ ref('background_dataset') }}
    where value is not null

),

-- The nation's dataset, else that of the first province. Of the same technology where the benchmark
-- names one - a route is compared with nothing else -, of the market where it names none.
matched as (

    select
        benchmark.*,
        dataset.dataset_id,
        dataset.region_code,
        dataset.technology as dataset_technology,
        dataset.value,
        dataset.lower_95,
        dataset.upper_95,
        row_number() over (
            partition by
                benchmark.benchmark_id, benchmark.product_code, coalesce(benchmark.technology, '')
            order by
                dataset.region_code = 'CN' desc,
                dataset.technology = 'market' desc,
                dataset.technology = 'any' desc,
                dataset.region_code asc,
                dataset.dataset_id asc
        ) as place
    from benchmark
    inner join dataset
        on benchmark.product_code = dataset.product_code and benchmark.unit = dataset.unit
    where benchmark.technology is null or dataset.technology = benchmark.technology

),

final as (

    select
        -- ids
        benchmark_id,
        product_code,
        coalesce(technology, 'any') as technology,
        dataset_id,
        region_code,
        dataset_technology,

        -- what was published elsewhere
        published_name,
        boundary,
        data_tier,
        cast(year as integer) as year,
        unit,
        cast(value_kgco2e_per_unit as double) as published_value,

        -- ours
        value,
        cast(round_even(value / nullif(value_kgco2e_per_unit, 0), 4) as decimal(18, 4)) as ratio,
        value_kgco2e_per_unit between lower_95 and upper_95 as is_within_interval,

        -- evidence
        note,
        source_id as source_ids
    from matched
    where place = 1

)

select *
from final
order by benchmark_id, product_code, technology
