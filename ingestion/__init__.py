"""Ingestion: files as they arrive, turned into typed raw tables with receipts and a quarantine.

Belongs here: delivery notes, landing by content hash, reading of source layouts, casting by
contract, quarantine, receipts.
Does not belong here: any derivation (dbt_project), any judgement about what a release may hold
(expectations, warehouse), any knowledge of when ingestion runs (orchestration). This package knows
no dbt, no Dagster and no settings: it takes explicit paths.
"""
