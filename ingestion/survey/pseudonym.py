"""Pseudonyms: how enterprises appear in the warehouse.

Belongs here: the keyed pseudonym of codes and names, and taking what identifies an enterprise out
of the tables that go on to the derivation.
Does not belong here: the key (settings), who may see what (access classes).

A pseudonym is HMAC-SHA256(key, kind + text), cut to 64 bits. One enterprise has one pseudonym
whether it stands as plant or as group, so that groups can be counted. Without the key nobody can
find a code from it or try codes against it; with another key the same enterprise has another one.
"""

import hashlib
import hmac
from collections.abc import Mapping

import polars as pl

from ingestion.text import key_of

DEMONSTRATION_KEY = "demonstration key of the worked example: not secret"
"""For synthetic surveys alone; real ones are refused without a key of their own."""

_KINDS = {
    "plant_code": "E", "group_code": "E", "plant_name": "N", "group_name": "N", "submitter": "S"
}  # fmt: skip


def pseudonym(key: str, kind: str, text: str) -> str:
    """The pseudonym of a text: the kind (E enterprise, N name, S submitter, F file) and 16
    hexadecimal digits.
    """
    message = f"{kind}\n{key_of(text)}".encode()
    return kind + hmac.new(key.encode(), message, hashlib.sha256).hexdigest()[:16]


def key_id(key: str) -> str:
    """Eight digits by which a key is known without giving it away."""
    return hmac.new(key.encode(), b"key id", hashlib.sha256).hexdigest()[:8]


def pseudonyms(key: str, kind: str, texts: pl.Series) -> Mapping[str, str]:
    """Each text of a column with its pseudonym."""
    return {text: pseudonym(key, kind, text) for text in texts.unique().drop_nulls().to_list()}


def pseudonymised(submission: pl.DataFrame, key: str) -> pl.DataFrame:
    """The table survey_submission with enterprises under their pseudonyms and no contact."""
    columns = []
    for name, kind in _KINDS.items():
        known = pseudonyms(key, kind, submission[name])
        columns.append(
            pl.col(name).replace_strict(
                list(known), list(known.values()), default=None, return_dtype=pl.String
            )
        )
    return submission.with_columns(*columns, pl.lit(None, pl.String).alias("contact"))
