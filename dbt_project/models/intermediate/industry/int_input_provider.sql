-- One row per kind of input (int_input_need) and the one process that provides it, the first of
--   the electricity of the warehouse, for electricity
--   the market of the supplier's province, where it is known and one is there
--   the market of the nation of the same year
--   the market of the nation of the nearest year, the earlier of two equally near
--   the default inventory
-- `provider_id` is null where there is none, or where it counts in another unit: an open input.
with need as (

    select * from {{ ref('int_input_need') }}

),

market as (

    select * from {{ ref('int_market') }}

),

electricity as (

    select * from {{ ref('int_electricity_process') }}

),

default_product as (

    select
        product_code,
        min(unit) as unit
    from {{ ref('stg_background_default') }}
    group by product_code

),

candidate as (

    select
        need.*,
        1 as preference,
        electricity.process_id as provider_id,
        'electricity' as provider_type,
        'kWh' as provider_unit,
        electricity.year as provider_year
    from need
    inner join electricity
        on
            need.supply = electricity.supply
            and need.year = electricity.year
            and case
                when need.supply in ('consumption_mix', 'residual_mix') then need.consumer_region
                else 'CN'
            end = electricity.region_code

    union all

    select
        need.*,
        case when market.region_code = need.provider_region then 2 else 3 end as preference,
        market.process_id as provider_id,
        case
            when market.region_code = need.provider_region then 'regional_market'
            when need.provider_region = '' then 'national_market'
            else 'national_for_region'
        end as provider_type,
        market.unit as provider_unit,
        market.year as provider_year
    from need
    inner join market
        on
            need.product_code = market.product_code
            and (
                market.region_code = 'CN'
                or (need.provider_region = market.region_code and need.year = market.year)
            )
    where need.supply = ''

    union all

    select
        need.*,
        4 as preference,
        {{ process_id('need.product_code', "'default'", "'CN'", 'need.year', "'none'") }}
            as provider_id,
        'default' as provider_type,
        default_product.unit as provider_unit,
        need.year as provider_year
    from need
    inner join default_product on need.product_code = default_product.product_code
    where need.supply = ''

),

chosen as (

    select * from candidate
    qualify row_number() over (
        partition by kind, product_code, unit, provider_region, supply, consumer_region, year
        order by preference, abs(provider_year - year), provider_year, provider_id
    ) = 1

)

select
    need.*,
    case when need.unit = chosen.provider_unit then chosen.provider_id end as provider_id,
    chosen.provider_type,
    chosen.provider_unit,
    chosen.provider_year
from need
left join chosen
    on
        need.kind = chosen.kind
        and need.product_code = chosen.product_code
        and need.unit = chosen.unit
        and need.provider_region = chosen.provider_region
        and need.supply = chosen.supply
        and need.consumer_region = chosen.consumer_region
        and need.year = chosen.year
