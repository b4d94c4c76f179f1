"""Vintages: what the derivation gave, and would have given, as of each day.

Belongs here: the compiled derivation as a graph (`derivation`), its execution as of a day
(`replay`), the days on which something became known (`days`), why values moved between two of them
(`attribution`), and the tables that come of it (`history`). Does not belong here: any step of the
derivation itself (dbt models and `dbt_project.methods`), when a replay runs (`orchestration`), and
what is published of it (dbt's marts).
"""
