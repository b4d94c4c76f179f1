"""What is to be published, once it is proven, and how a publication ends.

Belongs here: the two records that the steps of a publication hand on. Does not belong here: the
steps (`publish`, `precedence`, `staging`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from warehouse.approval import Approval
from warehouse.gate_report import GateReport
from warehouse.signing import SigningKey, TrustedKeys

OnStep = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class PublishResult:
    """How a publication ended.

    `published`: `folder` is the new release. `unchanged`: nothing new was written, `folder` is the
    release that already says the same, and `reason` says so.
    """

    status: Literal["published", "unchanged"]
    release_id: str
    folder: Path
    reason: str


@dataclasses.dataclass(frozen=True)
class Order:
    """What is to be published, after the proof. `release_id` is the id asked for, if one was."""

    report: GateReport
    report_bytes: bytes
    channel: str
    parameters: Mapping[str, Any]
    inputs: tuple[dict[str, Any], ...]
    code_version: str
    built_at: str
    signing_key: SigningKey | None
    trusted: TrustedKeys
    approval: Approval | None
    release_id: str | None
