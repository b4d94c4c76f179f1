"""From a candidate database to a published release, and the way back for readers.

Belongs here: export, content hashes, the gate, publishing, manifests, snapshots, the registry of
releases, and verification. Does not belong here: derivation (`dbt_project`), rules about data
(`expectations`), and when anything runs (`orchestration`). Nothing here reads settings or a clock:
paths, months, tolerances and times are arguments.
"""
