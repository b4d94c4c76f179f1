select *, true as is_counted from {{ ref('stg_certificate') }}
