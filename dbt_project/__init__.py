"""The dbt project: all derivation from typed raw tables to published tables.

SQL lives in `models/`; the few methods that SQL cannot say (biproportional fitting, the
interchange estimate, the network system) are pure functions in `methods/`, called by thin
Python models. No ingestion, no gate, no orchestration here.
"""
