-- One row per exchange of the system that is solved (int_life_cycle_process).
select * from {{ ref('int_exchange') }}

union all by name

select * from {{ ref('int_widened_exchange') }}
