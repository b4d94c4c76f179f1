"""Regions by code or name, and what lies above them.

Belongs here: from what a user writes to a region_code. Does not belong here: factors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from carbon_factors.errors import AmbiguousQuestionError, QuestionError

_SUFFIX = re.compile(
    r"(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区"
    r"| (?:province|municipality|autonomous region|city))$"
)
_NUMERIC_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Region:
    """One region. `known` is false for a code that the release does not list."""

    code: str
    name_zh: str
    name_en: str
    parent: str | None
    known: bool = True

    def __str__(self) -> str:
        """Code and names, as `370000 山东 Shandong`."""
        return f"{self.code} {self.name_zh} {self.name_en}".rstrip()


class Regions:
    """The regions of a release."""

    def __init__(self, rows: Iterable[Mapping[str, str | None]]) -> None:
        """Take rows with region_code, name_zh, name_en and parent_code."""
        self._by_code = {
            str(row["region_code"]): Region(
                str(row["region_code"]),
                row["name_zh"] or "",
                row["name_en"] or "",
                row["parent_code"],
            )
            for row in rows
        }
        self._by_name: dict[str, set[str]] = {}
        for region in self._by_code.values():
            for name in {region.code, region.name_zh, region.name_en}:
                for form in {_folded(name), _SUFFIX.sub("", _folded(name))} - {""}:
                    self._by_name.setdefault(form, set()).add(region.code)

    def find(self, wanted: str, *, by_code_scheme: bool = False) -> Region:
        """Return the region that a code or a name means.

        With `by_code_scheme`, a six-digit code that the release does not list comes back as an
        unknown region below the province that its first two digits name (GB/T 2260). Raises
        `QuestionError` for an unknown region, `AmbiguousQuestionError` for a name of several.
        """
        folded = _folded(wanted)
        codes = self._by_name.get(folded) or self._by_name.get(_SUFFIX.sub("", folded)) or set()
        if len(codes) == 1:
            return self._by_code[next(iter(codes))]
        if codes:
            names = [str(self._by_code[code]) for code in sorted(codes)]
            raise AmbiguousQuestionError(
                f"{wanted!r} names several regions: {'; '.join(names)}. Give the code.",
                {"region": sorted(codes)},
            )
        province = folded[:2] + "0000"
        if _NUMERIC_CODE.fullmatch(folded) and province in self._by_code:
            above = self._by_code[province]
            if by_code_scheme:
                return Region(folded, "", "", above.code, known=False)
            raise QuestionError(
                f"The release lists no region {wanted}. By its code it lies in {above}: ask for "
                "that, or allow the fallback parent_region."
            )
        raise QuestionError(f"There is no region {wanted!r}.{self._hint(folded)}")

    def above(self, region: Region) -> list[Region]:
        """Return the regions above one, the nearest first."""
        found: list[Region] = []
        parent = region.parent
        while parent in self._by_code and self._by_code[parent] not in found:
            found.append(self._by_code[parent])
            parent = found[-1].parent
        return found

    def _hint(self, folded: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(folded, list(self._by_name), n=3, cutoff=0.6)
        regions = sorted(
            {str(self._by_code[code]) for name in near for code in self._by_name[name]}
        )
        if regions:
            return f" Near it: {'; '.join(regions)}."
        return " Codes and names stand in the table region."


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
