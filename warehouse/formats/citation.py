"""How a release is cited: `CITATION.cff`.

Belongs here: the file in the Citation File Format 1.2.0. Does not belong here: the wording that
other forms share (`facts`).

`date-released` is left out on purpose: the day on which a release was made is a fact of a clock and
stands in `build_info.json`; the id names the month, and the abstract the day up to which sources
count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from warehouse.formats import facts as database
from warehouse.formats.facts import ReleaseFacts
from warehouse.formats.sources import Source

CITATION = "CITATION.cff"
CFF_VERSION = "1.2.0"


def citation_cff(facts: ReleaseFacts, sources: Sequence[Source]) -> bytes:
    """Return `CITATION.cff` of a release; every source is a reference with its publisher."""
    known = f" Sources known on {facts.as_of}." if facts.as_of else ""
    record: dict[str, Any] = {
        "cff-version": CFF_VERSION,
        "type": "dataset",
        "message": "Please cite the release that you used, by its version. 引用时请注明版本号。",
        "title": f"{database.TITLE_EN} {database.TITLE_ZH}",
        "version": facts.release_id,
        "abstract": (
            f"{database.SUMMARY_EN}{known} Channel: {facts.channel_en} "
            f"{database.SUMMARY_ZH}渠道：{facts.channel_zh}"
        ),
        "authors": [{"name": database.AUTHOR}],
        "keywords": list(database.KEYWORDS),
        "license": database.LICENCE,
    }
    if sources:
        record["references"] = [_reference(source) for source in sources]
    text = yaml.safe_dump(record, allow_unicode=True, sort_keys=False, width=1_000_000)
    return text.encode("utf-8")


def _reference(source: Source) -> dict[str, Any]:
    return {
        "type": "data",
        "title": _joined(source.title_en, source.title_zh) or source.source_id,
        "authors": [
            {"name": _joined(source.publisher_en, source.publisher_zh) or source.source_id}
        ],
        "notes": f"source_id {source.source_id}. Terms: {source.licence or 'not stated'}.",
    }


def _joined(english: str, chinese: str) -> str:
    return " ".join(part for part in (english.strip(), chinese.strip()) if part)
