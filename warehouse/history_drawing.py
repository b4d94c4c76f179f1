"""Draws the history of a factor.

Belongs here: words, figures and lines. Does not belong here: finding anything out (`history`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from warehouse.history import CAUSES, Arrival, History

_CAUSES_ZH = {"data": "本地数据", "upstream": "外来电", "method": "方法", "correction": "更正"}


def draw_history(history: History) -> RenderableType:
    """Return the value that stood, what it came from, and how it got there."""
    standing = history.standing
    when = f"As known on {history.as_of}" if history.as_of else "As known now"
    until = f", until {standing.superseded_on}" if standing.superseded_on else ""
    lines: list[RenderableType] = [
        Text(history.factor_id, style="bold"),
        Text.assemble(
            f"{when}: ",
            (f"{standing.value:.8f} {history.unit}", "bold green"),
            f", {standing.maturity}, since {standing.known_on}{until}  (release "
            f"{history.release_id})",
        ),
        Text(f"It came with 随之到达的文件 ({standing.known_on}):"),
        *_files(standing.arrived),
        Text(
            "Files about its period known then 当时已知的本期文件, "
            f"of {history.known_files} in all:"
        ),
        *_files(history.about_period),
        Text("How it got there 修订过程:"),
        _table(history),
    ]
    if history.later:
        lines.append(Text(f"Later values left out: {history.later}.", style="dim"))
    return Group(*lines)


def _files(files: Sequence[Arrival]) -> list[Text]:
    if not files:
        return [Text("  none 无", style="dim")]
    return [
        Text(
            f"  {file.receipt_id}  {file.file_name}  ({file.raw_table}, {file.period}, "
            f"known {file.known_at})"
        )
        for file in files
    ]


def _table(history: History) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("known on", "maturity"):
        table.add_column(name, no_wrap=True)
    for name in ("value", "change", *(f"{cause} {_CAUSES_ZH[cause]}" for cause in CAUSES)):
        table.add_column(name, justify="right", no_wrap=True)
    for stretch in history.stretches:
        table.add_row(
            f"{stretch.known_on}",
            stretch.maturity,
            f"{stretch.value:.8f}",
            "" if stretch.change is None else _signed(stretch.change),
            *(_signed(stretch.causes[cause]) if stretch.causes else "" for cause in CAUSES),
        )
    return table


def _signed(number: Decimal) -> str:
    return f"{number:+.8f}" if number else "0"
