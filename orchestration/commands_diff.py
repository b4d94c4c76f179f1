"""`carbon-warehouse diff`: what is different between two releases.

Belongs here: the command, its options and what it prints. Does not belong here: comparing
(`warehouse.diff`). `register` hooks it into the command line.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from orchestration.failures import USAGE, errors, say, told_as_sentences

if TYPE_CHECKING:
    from warehouse.diff import Diff

_PATIENCE = 2.0
"""Seconds without a sign before progress is shown."""

out = Console()


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(
        epilog="Examples:  carbon-warehouse diff 2023.12.0 2024.01.0"
        "   |   carbon-warehouse diff 2023.12.0 2024.01.0 --table electricity_factor --json"
        "   |   carbon-warehouse diff old/ new/ --html diff.html"
    )(diff)


def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="Old release: id or folder. 旧版本")],
    new: Annotated[str, typer.Argument(metavar="B", help="New release: id or folder. 新版本")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON")] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown. 输出 Markdown")
    ] = False,
    page: Annotated[
        Path | None, typer.Option("--html", help="Write a web page to this file. 输出网页")
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option("--table", help="Compare this table alone; may be repeated. 仅比较此表"),
    ] = None,
    rows: Annotated[
        int, typer.Option("--rows", min=0, help="Rows of each kind that are named a table.")
    ] = 100,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Folder everything is under. 数据根目录", show_default="var"),
    ] = None,
) -> None:
    """Compare two releases: schema, rows, every value, and why. 比较两个版本

    Anything that was not compared counts as different. Exit 0: the same. Exit 1: they differ.
    Exit 2: could not compare.
    """
    with told_as_sentences("diff"):
        from warehouse.diff.report import diff_folders

        if as_json and as_markdown:
            say("Choose one of --json and --markdown.")
            raise typer.Exit(USAGE)
        folders = _folder(old, home), _folder(new, home)
        try:
            with _progress() as on_progress:
                found = diff_folders(
                    *folders, only=table or (), listed=rows, on_progress=on_progress
                )
            _show(found, as_json=as_json, as_markdown=as_markdown, page=page)
        except (ValueError, OSError) as problem:
            say(str(problem))
            raise typer.Exit(USAGE) from problem
        raise typer.Exit(found.exit_code)


def _show(found: "Diff", *, as_json: bool, as_markdown: bool, page: Path | None) -> None:
    record = found.as_record()
    if page is not None:
        from warehouse.diff.page import as_page

        page.write_text(as_page(record), encoding="utf-8")
    if as_json:
        typer.echo(found.as_bytes().decode(), nl=False)
    elif as_markdown:
        from warehouse.diff.markdown import as_markdown as draw

        typer.echo(draw(record), nl=False)
    else:
        _summarise(record)
        if page is not None:
            out.print(Text(f"Page: {page}"), soft_wrap=True)
    if found.exit_code == USAGE:
        say("Nothing could be compared; see the reasons above.")


def _summarise(record: dict[str, Any]) -> None:
    """Print the tables that are not the same, and what became of the factors."""
    from warehouse.diff.labels import CAUSES, RESULTS, STATES, percent, schema_lines

    different = [each for each in record["tables"] if each["state"] != "same"]
    if different:
        shown = Table(box=None, pad_edge=False)
        for name in ("table", "state"):
            shown.add_column(name, overflow="fold")
        for name in ("old rows", "new rows", "added", "removed", "changed"):
            shown.add_column(name, justify="right", no_wrap=True)
        for each in different:
            counts = (
                each["rows"][which] for which in ("old", "new", "added", "removed", "changed")
            )
            shown.add_row(
                Text(each["name"]),
                Text(STATES[each["state"]]),
                *("-" if count is None else f"{count:,}" for count in counts),
            )
        out.print(shown)
    for each in different:
        notes = [f"{STATES['not_compared']}: {reason}" for reason in each["reasons"]]
        notes += [f"{label}: {text}" for label, text in schema_lines(each["schema"])]
        for note in notes:
            out.print(Text(f"  {each['name']}: {note}"), soft_wrap=True)
    if factors := record["factors"]:
        seen = set()
        for mover in factors["movers"]:
            if (group := (mover["factor_kind"], mover["unit"])) not in seen:
                seen.add(group)
                out.print(
                    Text(
                        f"  {mover['factor_id']}: {mover['old']} → {mover['new']} {mover['unit']} "
                        f"({percent(mover['relative'])}), {CAUSES[mover['cause']]}"
                    ),
                    soft_wrap=True,
                )
    compared = record["compared"]
    out.print(
        f"{RESULTS[record['result']]} {compared['same']} tables the same, {compared['differs']} "
        f"different, {compared['only_old'] + compared['only_new']} on one side alone, "
        f"{compared['not_compared']} not compared; {compared['rows']:,} rows compared.",
        highlight=False,
    )


def _folder(name: str, home: Path | None) -> Path:
    """Return the folder of a release by path or id; exit 2 when there is none."""
    folder = Path(name)
    if folder.is_dir():
        return folder.absolute()
    from orchestration.settings import load_settings
    from warehouse.manifest import RELEASE_ID
    from warehouse.registry import release_folders

    releases = load_settings(home=home).releases
    if RELEASE_ID.fullmatch(name) and (releases / name).is_dir():
        return releases / name
    known = ", ".join(path.name for path in release_folders(releases)) or "none"
    say(f"There is no release or folder {name}. Releases: {known}.")
    raise typer.Exit(USAGE)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Yield what the comparison reports to; a bar (lines in a log) appears after two seconds."""
    begun = time.monotonic()
    bar: Progress | None = None
    task = None
    last = begun

    def tell(table: str, done: int, total: int) -> None:
        nonlocal bar, task, last
        now = time.monotonic()
        if now - begun < _PATIENCE:
            return
        if not errors.is_terminal:
            if now - last >= _PATIENCE:
                last = now
                errors.print(f"Comparing {table} ({total:,} rows) ...", highlight=False)
            return
        if bar is None:
            bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TimeElapsedColumn(),
                console=errors,
                transient=True,
            )
            bar.start()
            task = bar.add_task(table)
        if task is not None:
            bar.update(task, description=table, completed=done, total=total or None)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()
