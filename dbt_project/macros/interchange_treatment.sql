{#
  A year's exchange between two areas. Net: its months are netted, one direction is left (the official
  structure). Gross: each month's net flow counts in its own direction, so that both may stand.
  `flow` has from_region_code, to_region_code, period_month and a signed energy_mwh; extra columns are
  summed. Only whole years.
#}
{% macro year_of_flows(flow, sums) %}
    {%- set treatment = var('interchange_treatment') -%}
    {%- if treatment not in ['net', 'gross'] -%}
        {{ exceptions.raise_compiler_error(
            "interchange_treatment is " ~ treatment ~ "; it must be net or gross"
        ) }}
    {%- endif %}
    select
        from_region_code,
        to_region_code,
        make_date(cast(extract(year from period_month) as integer), 1, 1) as period_start,
        make_date(cast(extract(year from period_month) as integer), 12, 31) as period_end,
        'year' as resolution,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ flow }}
    where
        extract(year from period_month) in (
            select extract(year from period_month) from {{ flow }}
            group by extract(year from period_month)
            having count(distinct period_month) = 12
        )
    group by
        from_region_code,
        to_region_code,
        extract(year from period_month)
        {%- if treatment == 'gross' %},
        energy_mwh > 0
        {%- endif %}
{% endmacro %}
