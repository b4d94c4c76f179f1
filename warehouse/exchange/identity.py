"""Identifiers that only the exchange formats need.

Belongs here: the flow of a dataset's product, methods, sources, actors, locations. Does not belong
here: identity of datasets and elementary flows, which the published tables carry.

Each is a function of a name that lasts, never of a clock or an order, so a release meets the
objects of the one before.
"""

from __future__ import annotations

import hashlib
import uuid

BACKGROUND = uuid.uuid5(uuid.NAMESPACE_URL, "https://provincial-carbon-factors.example/background")
"""The namespace of datasets (`dbt_project.methods.dataset_identity`), which may not be imported
here; a test holds both to the same flow of a dataset."""

EXCHANGE = uuid.uuid5(uuid.NAMESPACE_URL, "https://provincial-carbon-factors.example/exchange")

FOREIGN = "00.00.000"
"""Version of objects that are not this project's: any copy that a user has is newer."""

OWN = "01.00.000"
"""Version of the few objects that only describe this project."""

ILCD_FORMAT = "a97a0155-0234-4b87-b4ce-a45da52f2a40"
"""The source data set by which ILCD data sets name their own format."""


def minted(kind: str, name: str) -> str:
    """Return an identifier of this project for something of `kind` called `name`."""
    return str(uuid.uuid5(EXCHANGE, f"{kind}|{name}"))


def product_flow_of(dataset_id: str) -> str:
    """Return the flow of a dataset's product: one for each dataset, whatever it makes.

    Software that links by flow (Brightway) would otherwise see two makers of one thing.
    """
    return str(uuid.uuid5(BACKGROUND, f"dataset_flow|{uuid.UUID(dataset_id)}"))


def location(code: str) -> str:
    """Return openLCA's identifier of a location code such as `CN-AH`.

    openLCA names locations by the version 3 (MD5) UUID of the lower-case code, so that every
    database has the same. Found by comparison with GreenDelta's reference data for four provinces.
    """
    digest = bytearray(hashlib.md5(code.strip().lower().encode(), usedforsecurity=False).digest())
    digest[6] = digest[6] & 0x0F | 0x30
    digest[8] = digest[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))
