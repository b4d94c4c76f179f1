"""`carbon-warehouse`: the operator's commands.

Belongs here: commands, their options and help, and what they print. Does not belong here: work.
Imports at the top stay light (Typer and Rich); everything else is imported by the command that
needs it, so that `--help` answers at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration import (
    commands_diff,
    commands_rebuild,
    commands_release,
    commands_store,
    commands_survey,
)
from orchestration.failures import REFUSED, USAGE, errors, say, told_as_sentences

if TYPE_CHECKING:
    from datetime import date

    from orchestration.settings import Settings

app = typer.Typer(
    name="carbon-warehouse",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Take power statistics in, derive carbon factors, publish numbered releases.

    电力碳因子数据仓库：接收统计文件，推算因子，检验合格后发布。

    Settings come from options, from the environment (CARBON_HOME, CARBON_HOME_REGION ...) and from
    carbon.toml. Exit codes: 0 done, 1 refused or failed, 2 used wrongly, 130 stopped by Ctrl-C.
    """,
)

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder everything is written under. 数据根目录", show_default="var"
    ),
]
out = Console()


def _settings(**overrides: object) -> "Settings":
    from orchestration.settings import load_settings

    return load_settings(**overrides)


@app.command(
    epilog="Examples:  carbon-warehouse ingest   |   carbon-warehouse ingest inbox/2024-04"
)
def ingest(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with delivery notes, or one file under one; default: the data folder."
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Take files in: land, read, check, quarantine. 接收文件

    A file that was taken in before changes nothing. What breaks a rule goes to quarantine with the
    rule and a sentence; that is no failure of the command. Exit 1: the folder cannot be read.
    """
    with told_as_sentences("ingest"):
        from ingestion.ingest import ingest as take_in
        from orchestration.console import showing
        from orchestration.stages import StageClock

        settings = _settings(home=home)
        folder = (source or settings.data).absolute()
        if not folder.exists():
            say(f"{folder} does not exist. Name a folder that holds a delivery.yml.")
            raise typer.Exit(USAGE)
        with showing(errors) as listener:
            clock = StageClock(listener)
            with clock.stage("ingest") as report:
                summary = take_in(
                    folder,
                    settings.home,
                    progress=lambda what, done, total: report(done, total, what),
                    survey_key=settings.survey_secret,
                    jobs=settings.survey_jobs,
                )
        out.print(
            f"Files: {summary.files_new} new, {summary.files_known} known, "
            f"{summary.files_quarantined} quarantined. "
            f"Rows: {summary.rows_accepted} accepted, {summary.rows_quarantined} quarantined."
        )
        for finding in summary.findings[:20]:
            place = ", ".join(
                str(part)
                for part in (
                    finding.file_name,
                    finding.sheet and f"sheet {finding.sheet}",
                    finding.row_number and f"row {finding.row_number}",
                    finding.column and f"column {finding.column}",
                )
                if part
            )
            out.print(Text(f"  {finding.rule_id}: {place}: {finding.sentence}"), soft_wrap=True)
        if len(summary.findings) > 20:
            out.print(
                f"  ... and {len(summary.findings) - 20} more, under {settings.home}/quarantine."
            )


@app.command(epilog="Example:  carbon-warehouse release --month 2024-03")
def release(
    month: Annotated[
        str, typer.Option("--month", "-m", help="Month to release, YYYY-MM. 发布月份")
    ],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Build from what was known on this day, YYYY-MM-DD."),
    ] = None,
    home: Home = None,
) -> None:
    """Make the release of a month: ingest, derive, judge, publish - or refuse. 发布月度因子

    Nothing is published when a check fails; the candidate stays as evidence. When nothing has
    changed since the month's last release, no new one is made. Exit 1: refused, with the reasons.
    """
    with told_as_sentences("release"):
        settings = _settings(home=home, as_of=as_of)
        from orchestration.console import showing
        from orchestration.run import run_release

        with showing(errors) as listener:
            outcome = run_release(settings, month, listener)
        if not outcome.published:
            say(
                f"Refused: {month} was not published.", *(f"- {line}" for line in outcome.sentences)
            )
            if outcome.candidate.exists():
                say(f"Evidence: {outcome.candidate}", style="dim")
            say(f"Log: {outcome.log}", style="dim")
            raise typer.Exit(REFUSED)
        from orchestration.summary import show

        show(out, outcome, settings)


@app.command("ls", epilog="Example:  carbon-warehouse ls")
def list_all(home: Home = None) -> None:
    """List the releases, the newest last. 列出发布版本"""
    with told_as_sentences("ls"):
        from warehouse.releases import list_releases

        settings = _settings(home=home)
        entries = list_releases(settings.releases)
        if not entries:
            out.print(f"No release under {settings.releases} yet. Make one:")
            out.print("  carbon-warehouse release --month 2023-12")
            return
        table = Table(box=None, pad_edge=False)
        for column in ("release", "month", "channel", "state"):
            table.add_column(column, no_wrap=True)
        for entry in entries:
            table.add_row(entry.release_id, entry.release_month, entry.channel, entry.state)
        out.print(table)


@app.command(
    epilog="Examples:  carbon-warehouse explain electricity.supply_average.network.co2.340000.2023"
    "   |   carbon-warehouse explain electricity.fossil_power.none.co2.CN.2023-06 --depth 1"
)
def explain(
    factor_id: Annotated[
        str, typer.Argument(metavar="FACTOR_ID", help="Id of the factor. 因子标识")
    ],
    release_id: Annotated[
        str | None,
        typer.Option(
            "--release",
            help="A release, or a folder (also of a candidate); default: latest. 发布版本",
        ),
    ] = None,
    depth: Annotated[
        int,
        typer.Option(
            "--depth", min=0, max=4, help="Inputs: 0 none, 1 provinces, 2 months, 3 parts, 4 cells."
        ),
    ] = 4,
    everything: Annotated[
        bool, typer.Option("--all", help="Show every input, not the first few. 显示全部输入")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON")] = False,
    home: Home = None,
) -> None:
    """Take a published factor apart, down to file, sheet and row. 因子溯源

    Exit 1: the parts do not add up to what was published. Exit 2: there is no such factor.
    """
    with told_as_sentences("explain"):
        import json

        from warehouse.explain import explain as take_apart
        from warehouse.explain.drawing import draw

        explanation = take_apart(
            _release_folder(release_id, home), factor_id, depth=depth, everything=everything
        )
        if as_json:
            typer.echo(json.dumps(explanation.as_dict(), ensure_ascii=False, indent=1))
        else:
            # A pipe has no width of its own; lines with file, sheet and row are long.
            out.print(draw(explanation), width=out.width if out.is_terminal else 240)
        if not explanation.adds_up:
            raise typer.Exit(REFUSED)


@app.command(
    epilog="Example:  carbon-warehouse history "
    "electricity.supply_average.network.co2.340000.2023-05 --as-of 2023-08-15"
)
def history(
    factor_id: Annotated[
        str, typer.Argument(metavar="FACTOR_ID", help="Id of the factor. 因子标识")
    ],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Show what was known on this day, YYYY-MM-DD. 知识截止日"),
    ] = None,
    release_id: Annotated[
        str | None,
        typer.Option("--release", help="A release, or its folder; default: latest. 发布版本"),
    ] = None,
    home: Home = None,
) -> None:
    """Show a factor as it was known on a day, and why it moved since. 因子修订历史

    Read from a release: its value, the files it came with, each change and its causes. Exit 2:
    there is no such factor, or it was not known yet.
    """
    with told_as_sentences("history"):
        from warehouse.history import read_history
        from warehouse.history_drawing import draw_history

        found = read_history(_release_folder(release_id, home), factor_id, _day(as_of))
        Console(width=max(out.width, 112)).print(draw_history(found))


@app.command(
    "as-of",
    epilog="Examples:  carbon-warehouse as-of 2023-08-15 --month 2023-05   |   "
    "carbon-warehouse as-of 2023-08-15 --output known.parquet",
)
def known_as_of(
    day: Annotated[str, typer.Argument(metavar="DATE", help="The day, YYYY-MM-DD. 知识截止日")],
    month: Annotated[
        str | None,
        typer.Option("--month", "-m", help="Month or year to show; default: newest month. 月份"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write all periods to this .parquet or .csv file."),
    ] = None,
    home: Home = None,
) -> None:
    """Derive the factors from what was known on a day. 按当时所知推算因子

    From the receipts, with the method of today; nothing is published. Exit 2: nothing, or nothing
    of that month, was known.
    """
    with told_as_sentences("as-of"):
        from orchestration.as_of import area_names, known_on, table, write

        settings, asked = _settings(home=home), _day(day)
        assert asked is not None
        with errors.status("Deriving what was known ..."):
            known = known_on(settings, asked)
        if output is not None:
            write(known, output)
            out.print(f"{known.factors.height} factors as known on {asked}: {output}")
            return
        shown = month or known.months[-1]
        drawn = table(known.of(shown), area_names(settings))
        out.print(f"{shown} as known on {asked} (newest file of {known.newest}), kg/kWh:")
        # Narrower, figures would be cut; a terminal breaks a line that is too long for it.
        Console(width=max(out.width, 112)).print(drawn)
        if known.hindsight:
            out.print(
                f"{len(known.hindsight)} files published later stand in for the time before them: "
                "the first publication of a parameter of the method.",
                style="dim",
                soft_wrap=True,
            )


def _day(text: str | None) -> "date | None":
    """Return a day given as YYYY-MM-DD."""
    from datetime import date

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        say(f"'{text}' is not a day; write it as YYYY-MM-DD, for example 2023-08-15.")
        raise typer.Exit(USAGE) from None


def _release_folder(release_id: str | None, home: Path | None) -> Path:
    """Return the folder of a release by id or path (a candidate by path), or of the latest one."""
    from warehouse.releases import latest_release, list_releases

    if release_id is not None and (Path(release_id) / "tables").is_dir():
        return Path(release_id).absolute()
    releases = _settings(home=home).releases
    if release_id is None:
        latest = latest_release(releases)
        if latest is None:
            say(f"There is no release under {releases} yet: carbon-warehouse release --month ...")
            raise typer.Exit(USAGE)
        return latest.folder
    if not (releases / release_id).is_dir():
        known = ", ".join(entry.release_id for entry in list_releases(releases)) or "none"
        say(f"There is no release {release_id}. Releases: {known}.")
        raise typer.Exit(USAGE)
    folder: Path = releases / release_id
    return folder


@app.command(epilog="Example:  carbon-warehouse doctor")
def doctor(home: Home = None) -> None:
    """Say whether this machine and home are fit for a release. 环境自检

    Exit 1: something has to be put right first; each line says how.
    """
    with told_as_sentences("doctor"):
        from orchestration.doctor import examine

        settings = _settings(home=home)
        with errors.status("Looking ..."):
            findings = examine(settings)
        for finding in findings:
            mark = Text("ok     ", "green") if finding.ok else Text("WRONG  ", "bold red")
            out.print(mark + Text(f"{finding.what}: {finding.sentence}", "default"), soft_wrap=True)
        if not all(finding.ok for finding in findings):
            raise typer.Exit(REFUSED)


@app.command(epilog="Example:  carbon-warehouse ui --port 3001")
def ui(
    port: Annotated[int, typer.Option("--port", help="Port of the web page. 端口")] = 3000,
    home: Home = None,
) -> None:
    """Open the graph in Dagster's web page, on this machine only. 打开调度界面"""
    with told_as_sentences("ui"):
        from orchestration.webserver import serve

        raise typer.Exit(serve(_settings(home=home), port))


_HOOKED = (commands_release, commands_diff, commands_rebuild, commands_store, commands_survey)
for commands in _HOOKED:
    commands.register(app)


def main() -> None:
    """Run the command line."""
    app()
