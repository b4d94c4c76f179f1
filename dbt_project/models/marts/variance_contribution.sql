with contribution as (

    select * from {{ ref('int_factor_sample') }}
    where part = 'contribution'

),

region as (

    select * from {{ ref('stg_region') }}

),

transfer as (

    select * from {{ ref('int_transfer_constraint') }}

),

-- The receivers of a transfer, named one by one.
receiver as (

    select
        split.constraint_id,
        string_agg(region.name_zh, '、' order by region.region_code) as name_zh,
        string_agg(region.name_en, ' and ' order by region.region_code) as name_en
    from (
        select
            constraint_id,
            unnest(string_split(to_region_codes, '+')) as region_code
        from transfer
    ) as split
    inner join region on split.region_code = region.region_code
    group by split.constraint_id

),

technology as (

    select
        named.technology,
        named.name_zh,
        named.name_en
    from (
        values
        ('coal', '燃煤发电', 'coal power'),
        ('gas', '燃气发电', 'gas power'),
        ('oil', '燃油发电', 'oil power'),
        ('biomass', '生物质发电', 'biomass power'),
        ('thermal', '火电', 'thermal power'),
        ('hydro', '水电', 'hydro power'),
        ('nuclear', '核电', 'nuclear power'),
        ('wind', '风电', 'wind power'),
        ('solar', '太阳能发电', 'solar power')
    ) as named (technology, name_zh, name_en)

),

-- A reported transfer is drawn under the name of its row; where it runs is said there.
located as (

    select
        contribution.* exclude (input_region_code, input_technology, input_partner_code),
        coalesce(transfer.from_region_code, contribution.input_region_code) as input_region_code,
        coalesce(
            transfer.to_region_codes, nullif(contribution.input_partner_code, '')
        ) as input_partner_code,
        nullif(contribution.input_technology, '') as input_technology,
        receiver.name_zh as receiver_zh,
        receiver.name_en as receiver_en,
        strftime(transfer.period_start, '%Y-%m') as reported_from,
        strftime(transfer.period_end, '%Y-%m') as reported_to
    from contribution
    left join transfer
        on
            contribution.input_kind = 'transfer'
            and contribution.input_region_code = transfer.constraint_id
    left join receiver on transfer.constraint_id = receiver.constraint_id

),

named as (

    select
        located.*,
        region.name_zh as input_region_zh,
        region.name_en as input_region_en,
        coalesce(located.receiver_zh, partner.name_zh, '区外') as partner_zh,
        coalesce(located.receiver_en, partner.name_en, 'elsewhere') as partner_en,
        technology.name_zh as technology_zh,
        technology.name_en as technology_en
    from located
    inner join region on located.input_region_code = region.region_code
    left join region as partner on located.input_partner_code = partner.region_code
    left join technology on located.input_technology = technology.technology

),

final as (

    select
        -- ids
        'electricity.' || factor_kind || '.'
        || case when factor_kind = 'life_cycle_consumption' then 'user' else import_factor_basis end
        || '.' || lower(gas_scope) || '.' || area_code || '.' || strftime(period_start, '%Y')
            as factor_id,
        rank,
        area_code as region_code,

        -- period
        period_start,
        last_day(make_date(cast(extract(year from period_start) as integer), 12, 1))
            as period_end,
        resolution,

        -- meaning
        factor_kind,
        import_factor_basis,
        gas_scope,

        -- input
        input_kind,
        input_region_code,
        input_partner_code,
        input_technology,

        -- values
        share,
        r_squared,

        -- words
        case input_kind
            when 'generation' then input_region_zh || technology_zh || '发电量'
            when 'fuel_share' then input_region_zh || '火电的燃料构成'
            when 'intensity' then input_region_zh || technology_zh || '的CO2排放强度'
            when 'anchor' then '全国化石能源电力因子'
            when 'consumption' then input_region_zh || '用电量'
            when 'transfer'
                then
                    '公布的输送电量：' || input_region_zh || '至' || partner_zh || '，'
                    || reported_from || '至' || reported_to
            when 'corridor' then input_region_zh || '与' || partner_zh || '间潮流的估算'
            when 'life_cycle' then input_region_zh || technology_zh || '的碳足迹因子'
            when 'delivery'
                then case
                    when input_technology = 'loss' then '输配电损失率' else '输配电设施的碳足迹'
                end
        end as label_zh,
        case input_kind
            when 'generation' then 'Generation of ' || technology_en || ' in ' || input_region_en
            when 'fuel_share' then 'Fuels of thermal power in ' || input_region_en
            when 'intensity' then 'CO2 intensity of ' || technology_en || ' in ' || input_region_en
            when 'anchor' then 'Fossil-power factor of the nation'
            when 'consumption' then 'Consumption of ' || input_region_en
            when 'transfer'
                then
                    'Reported transfer from ' || input_region_en || ' to ' || partner_en || ', '
                    || reported_from || ' to ' || reported_to
            when 'corridor'
                then 'Modelled flow between ' || input_region_en || ' and ' || partner_en
            when 'life_cycle'
                then 'Life-cycle factor of ' || technology_en || ' in ' || input_region_en
            when 'delivery'
                then case
                    when input_technology = 'loss' then 'Loss rate of transmission and distribution'
                    else 'Life-cycle of transmission and distribution'
                end
        end as label_en
    from named

)

select
    factor_id,
    rank,
    region_code,
    period_start,
    period_end,
    resolution,
    factor_kind,
    import_factor_basis,
    gas_scope,
    input_kind,
    input_region_code,
    input_partner_code,
    input_technology,
    share,
    r_squared,
    label_zh,
    label_en
from final
order by factor_id, rank
