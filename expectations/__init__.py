"""What must be true of data at each boundary, and the machinery that says whether it is.

Belongs here: suites (as reviewed YAML), their runner, invariants over published tables, and the
one list of required checks. Does not belong here: how data are derived (`dbt_project`), how a
verdict is turned into a release (`warehouse`), and when anything runs (`orchestration`).

Which rule lives where, so that none stands twice:

- Great Expectations judges the raw boundary and the shape, ranges and vocabularies of published
  tables (`boundary`, `published`);
- dbt tests judge keys, relations and conservation inside SQL (`dbt_project`);
- invariants judge the mathematics between published tables (`invariants`).
"""
