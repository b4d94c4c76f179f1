{#
  The rows of a raw table as they were known on the day `as_of`: for each key the row that its
  source published last. Two rows published on one day are told apart by their receipt, so that
  the choice never depends on the order in which files came.
#}
{% macro as_known(table, key) %}
    select *
    from {{ source('raw', table) }}
    where known_at <= cast('{{ var("as_of") }}' as date)
    qualify row_number() over (
        partition by {{ key | join(', ') }}
        order by known_at desc, receipt_id desc, row_number desc
    ) = 1
{% endmacro %}
