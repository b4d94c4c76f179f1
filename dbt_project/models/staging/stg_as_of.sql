-- The day on which knowledge ends, for each layer of the inputs. One row. Everything that asks when
-- a row was known reads it here, so that the same derivation serves every vintage.
select
    cast('{{ var("statistics_as_of", var("as_of")) }}' as date) as statistics_as_of,
    cast('{{ var("parameters_as_of", var("as_of")) }}' as date) as parameters_as_of,
    cast('{{ var("corrections_as_of", var("as_of")) }}' as date) as corrections_as_of
