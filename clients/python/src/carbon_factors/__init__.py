"""Releases of provincial carbon factors: list, pin, verify, load, look up.

Belongs here: the public names, imported when first used, so that a look-up does not pay for what it
does not need. Does not belong here: code.

>>> import carbon_factors
>>> carbon_factors.convert("0.5703", "kgCO2/kWh", "tCO2/MWh")
Decimal('0.5703')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from carbon_factors.errors import (
        AmbiguousQuestionError,
        CacheError,
        CarbonFactorsError,
        ChangedFileError,
        DocumentError,
        DowngradeError,
        ExtraFileError,
        KeyFileError,
        LockFileError,
        MissingExtraError,
        MissingFileError,
        NoFactorError,
        NotFoundError,
        QuestionError,
        SignatureError,
        StrippedSignatureError,
        UnitError,
        UnreachableError,
        VerificationError,
        WithdrawnError,
        WrongRegistryError,
    )
    from carbon_factors.factor import Factor, KnownFactor, Match
    from carbon_factors.lockfile import Lock, read_lock
    from carbon_factors.pinning import (
        list_releases,
        open_pinned,
        open_registry,
        open_release,
        pin,
    )
    from carbon_factors.registry import Registry, ReleaseInfo
    from carbon_factors.release import Release
    from carbon_factors.signatures import PublicKey, read_public_key
    from carbon_factors.units import convert
    from carbon_factors.verification import problems_of, verify

_MODULES = {
    "errors": (
        "AmbiguousQuestionError",
        "CacheError",
        "CarbonFactorsError",
        "ChangedFileError",
        "DocumentError",
        "DowngradeError",
        "ExtraFileError",
        "KeyFileError",
        "LockFileError",
        "MissingExtraError",
        "MissingFileError",
        "NoFactorError",
        "NotFoundError",
        "QuestionError",
        "SignatureError",
        "StrippedSignatureError",
        "UnitError",
        "UnreachableError",
        "VerificationError",
        "WithdrawnError",
        "WrongRegistryError",
    ),
    "factor": ("Factor", "KnownFactor", "Match"),
    "lockfile": ("Lock", "read_lock"),
    "pinning": ("list_releases", "open_pinned", "open_registry", "open_release", "pin"),
    "registry": ("Registry", "ReleaseInfo"),
    "release": ("Release",),
    "signatures": ("PublicKey", "read_public_key"),
    "units": ("convert",),
    "verification": ("problems_of", "verify"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "AmbiguousQuestionError",
    "CacheError",
    "CarbonFactorsError",
    "ChangedFileError",
    "DocumentError",
    "DowngradeError",
    "ExtraFileError",
    "Factor",
    "KeyFileError",
    "KnownFactor",
    "Lock",
    "LockFileError",
    "Match",
    "MissingExtraError",
    "MissingFileError",
    "NoFactorError",
    "NotFoundError",
    "PublicKey",
    "QuestionError",
    "Registry",
    "Release",
    "ReleaseInfo",
    "SignatureError",
    "StrippedSignatureError",
    "UnitError",
    "UnreachableError",
    "VerificationError",
    "WithdrawnError",
    "WrongRegistryError",
    "__version__",
    "convert",
    "list_releases",
    "open_pinned",
    "open_registry",
    "open_release",
    "pin",
    "problems_of",
    "read_lock",
    "read_public_key",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"carbon_factors has no {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"carbon_factors.{_HOME[name]}"), name)
    globals()[name] = value
    return value
