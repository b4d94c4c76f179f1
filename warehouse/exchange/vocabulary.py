"""Words of the published tables that exchange formats decide by.

Belongs here: the values of coded columns. Does not belong here: what they are called in a format.
"""

OPEN, AGGREGATED, MERGED, WITHHELD = "open", "aggregated", "merged", "withheld"
"""Values of `disclosure`."""

UNIT_PROCESS, RESULT = "unit_process", "result"
"""Values of `process_type`."""

INPUT, OUTPUT = "input", "output"
"""Values of `direction`."""

PRODUCT, ELEMENTARY, WASTE = "product", "elementary", "waste"
"""Values of `kind`."""
