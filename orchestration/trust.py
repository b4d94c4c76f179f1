"""Keys, waivers and approvals as the operator's settings have them.

Belongs here: reading what settings name, so that commands and assets hand plain values on, and the
one place where the day comes from the clock. Does not belong here: signing, verifying, judging
(`warehouse`, `expectations`).
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from orchestration.settings import Settings

if TYPE_CHECKING:
    from expectations.waivers import Waiver, Waivers
    from warehouse.approval import ApprovalRule
    from warehouse.signing import PublicKey, SigningKey

_day: ContextVar[dt.date | None] = ContextVar("day", default=None)


def signing_key(settings: Settings) -> "SigningKey | None":
    """Return the key that signs, `None` where none is set; raises `SigningError` if unusable."""
    from warehouse.signing import load_signing_key

    return load_signing_key(settings.signing_key) if settings.signing_key else None


def trusted_keys(settings: Settings) -> "dict[str, PublicKey]":
    """Return the keys by which releases are verified: those set, and the one that signs here."""
    from warehouse.signing import load_trusted_keys

    own = signing_key(settings)
    keys = load_trusted_keys(settings.trusted_keys)
    return {**keys, own.key_id: own.public} if own else keys


def approval_rule(settings: Settings) -> "ApprovalRule | None":
    """Return whose approval is asked for before publication; `None` where none is."""
    if not settings.require_approval:
        return None
    from warehouse.approval import ApprovalRule
    from warehouse.signing import load_trusted_keys

    own = signing_key(settings)
    return ApprovalRule(load_trusted_keys(settings.approvers), own.key_id if own else None)


def listed_waivers() -> "tuple[Waiver, ...]":
    """Return the waivers of `waivers.yml`; raises `WaiverError` for one that may not be there."""
    from expectations.required import required_checks
    from expectations.waivers import WAIVERS_FILE, load_waivers

    return load_waivers(WAIVERS_FILE, required_checks())


def waivers_today() -> "Waivers":
    """Return the waivers with the day (UTC) on which they are to hold; see `as_on`."""
    from expectations.waivers import Waivers

    return Waivers(listed_waivers(), _day.get() or dt.datetime.now(dt.UTC).date())


@contextmanager
def as_on(day: dt.date) -> Iterator[None]:
    """Hold waivers against another day than today: that on which a release was built."""
    before = _day.set(day)
    try:
        yield
    finally:
        _day.reset(before)
