"""Explains a published factor: what it is made of, from which input cells, and that it adds up.

Belongs here: reading the tables of one release and taking a factor of it apart. Nothing but the
release is read - no raw table, no database of a run, no pipeline. Does not belong here: computing
factors (`dbt_project`), proving that files are untouched (`verify`), and commands.

`parts` takes factors apart, all at once or one; `inputs` walks the lineage; `identify` finds the
factor or says what is near; `explanation` puts one factor's answer together and `drawing` draws it.
"""

from warehouse.explain.explanation import Explanation, explain
from warehouse.explain.identify import UnknownFactor
from warehouse.explain.tables import ReleaseTables, open_tables

__all__ = ["Explanation", "ReleaseTables", "UnknownFactor", "explain", "open_tables"]
