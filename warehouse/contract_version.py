"""The version of a published table's contract.

Belongs here: its form and the version of a contract that states none. Does not belong here: what
makes a change of a contract a breaking one, and where versions are written (the YAML of the mart,
`config.meta.contract_version`).
"""

from __future__ import annotations

import re

FIRST_CONTRACT_VERSION = "1.0.0"
"""The version of a contract whose mart states none."""

CONTRACT_VERSION = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}", re.ASCII)
"""Major, minor and patch, as in semantic versions."""
