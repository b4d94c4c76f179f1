"""`carbon-warehouse template` and `carbon-warehouse survey`: questionnaires out, receipts back.

Belongs here: the two commands, their options and what they print. Does not belong here: making
templates, reading and judging submissions (`ingestion.survey`). `register` hooks them into the
command line.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.failures import REFUSED, USAGE, errors, say, told_as_sentences

if TYPE_CHECKING:
    import polars as pl

    from ingestion.survey.collection import History

out = Console()
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(
        epilog="Examples:  carbon-warehouse template cement   |   carbon-warehouse template --list"
    )(template)
    app.command(epilog="Example:  carbon-warehouse survey inbox --out receipts --jobs 2")(survey)


def template(
    industry: Annotated[
        str | None, typer.Argument(metavar="INDUSTRY", help="Industry, as cement. 行业")
    ] = None,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="File to write; default: survey_INDUSTRY.xlsx here. 输出文件"),
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="Show the industries that have one. 列出行业")
    ] = False,
) -> None:
    """Write the questionnaire of an industry as a workbook. 生成行业调查表

    The same industry always gives the same bytes. Exit 2: there is no such industry.
    """
    with told_as_sentences("template"):
        from ingestion.industry import IndustryError, industry_names, load_industry
        from ingestion.landing import write_atomically
        from ingestion.survey.template import template_bytes

        if show_list:
            for name in industry_names():
                each = load_industry(name)
                line = f"{name}  {each.name_zh}  {each.name_en}  {each.version}"
                out.print(Text(f"{line}  {len(each.products)} products"), soft_wrap=True)
            return
        if industry is None:
            say("Name an industry, or --list to see them.")
            raise typer.Exit(USAGE)
        if industry not in industry_names():
            say(f"There is no industry '{industry}'. Known are: {', '.join(industry_names())}.")
            raise typer.Exit(USAGE)
        try:
            content = template_bytes(load_industry(industry))
        except IndustryError as problem:
            say(str(problem))
            raise typer.Exit(REFUSED) from None
        path = out_file or Path(f"survey_{industry}.xlsx")
        write_atomically(path.absolute(), content)
        out.print(Text(f"{path}: questionnaire of {industry}, {len(content):,} bytes."))


def survey(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Filled workbooks, CSV, JSON, archives, folders."),
    ],
    receipts: Annotated[
        Path | None, typer.Option("--out", help="Folder for the receipts. 回执目录")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Processes. 进程数")] = 2,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="Day of delivery, YYYY-MM-DD. 提交日期")
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            help="Folder whose earlier submissions of the same plants are compared. 数据根目录",
            show_default="var",
        ),
    ] = None,
) -> None:
    """Check filled questionnaires and write receipts. 校验填报并出具回执

    Nothing enters the warehouse; `ingest` does that, and judges the same: it leaves the receipts
    of a delivered file under the home, in receipts/RECEIPT_ID/receipts.zip (as JSON for all, and as
    a workbook where there is a finding). Here each submission gets both.

    Year on year, a plant is compared with what the home holds of it. Plants stand there under
    pseudonyms: the survey key must be the one they were taken in with.

    Exit 0: all accepted. Exit 1: at least one was rejected; the receipts say why. Exit 2: a path is
    not there, or nothing was found.
    """
    with told_as_sentences("survey"):
        from ingestion.survey.collection import collect
        from ingestion.survey.pieces import pieces_of
        from ingestion.survey.receipt import write_receipts

        if missing := [str(path) for path in paths if not path.exists()]:
            say(f"{', '.join(missing)}: not there. Name files or folders of filled questionnaires.")
            raise typer.Exit(USAGE)
        day = _day(known_at)
        pieces = pieces_of([path.absolute() for path in paths])
        if not pieces:
            say("No questionnaire was found there. Looked for .xlsx, .json, .csv and .zip files.")
            raise typer.Exit(USAGE)
        with errors.status("") as status:

            def told(what: str) -> Callable[[int, int], None]:
                return lambda done, total: status.update(f"{what}: {done} of {total}")

            earlier = _earlier(home, day)
            collection = collect(
                pieces, jobs=jobs, known_at=day, history=earlier, progress=told("Checked")
            )
            if receipts is not None:
                write_receipts(collection, receipts.absolute(), told("Receipts"))
        _summary(collection, receipts)
        if earlier:
            out.print(Text(earlier.told()), soft_wrap=True)
        if "rejected" in collection.files["status"].to_list():
            raise typer.Exit(REFUSED)


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        say(f"'{text}' is no day of the form YYYY-MM-DD.")
        raise typer.Exit(USAGE) from None


class _Earlier:
    """The earlier figures that a home holds, and of how many of the plants asked for it has any.

    What cannot be read there is said and left out: the questionnaires themselves can be checked.
    """

    def __init__(self, home: Path, figures: "History") -> None:
        self.home, self.figures = home, figures
        self.asked = self.known = 0

    def __call__(self, codes: Sequence[str]) -> "pl.DataFrame":
        import polars as pl

        from ingestion.contract import ContractError
        from ingestion.survey.balances import HISTORY_SCHEMA

        try:
            past = self.figures(codes)
        except (pl.exceptions.PolarsError, ContractError, OSError) as error:
            say(
                f"The earlier submissions in {self.home} cannot be read ({type(error).__name__}): "
                "nothing is compared year on year. Run `ingest`, or name another --home.",
                style="yellow",
            )
            past = HISTORY_SCHEMA.to_frame()
        self.asked, self.known = len(codes), past["plant_code"].n_unique()
        return past

    def told(self) -> str:
        """How many plants could be compared."""
        return f"Year on year: {self.home} knows {self.known} of the {self.asked} plants."


def _earlier(home: Path | None, day: dt.date | None) -> _Earlier | None:
    """The earlier figures in the home, as far as they were known on the day; None where there are
    none.
    """
    from ingestion.survey.intake import earlier_figures
    from ingestion.survey.pseudonym import DEMONSTRATION_KEY
    from orchestration.settings import load_settings

    settings = load_settings(home=home)
    if not any((settings.home / "raw" / "survey_submission").glob("r*.parquet")):
        return None
    key = settings.survey_secret or DEMONSTRATION_KEY
    return _Earlier(settings.home, earlier_figures(settings.home, key, day or dt.date.max))


def _summary(collection: object, receipts: Path | None) -> None:
    import polars as pl

    from ingestion.survey.collection import Collection
    from ingestion.survey.findings import takes, told
    from ingestion.survey.values import FILE

    assert isinstance(collection, Collection)
    states = collection.files["status"].to_list()
    table = Table(box=None, pad_edge=False)
    for column in ("submissions", "accepted", "with remarks", "rejected"):
        table.add_column(column, justify="right")
    counted = [states.count(each) for each in ("accepted", "accepted_with_remarks", "rejected")]
    table.add_row(str(len(states)), *map(str, counted))
    out.print(table)
    names = dict(zip(collection.files[FILE], collection.files["name"], strict=True))
    refused = collection.files.filter(collection.files["status"] == "rejected")[FILE].to_list()
    rules = collection.findings["rule_id"].unique().to_list()
    severe = [rule_id for rule_id in rules if takes(rule_id) != "warning"]
    why = collection.findings.filter(pl.col(FILE).is_in(refused), pl.col("rule_id").is_in(severe))
    for row in why.head(_SHOWN).iter_rows(named=True):
        each = told(row)
        line = f"{names[row[FILE]]}: {each.cell or '-'}: {each.sentence_en} {each.todo_en}"
        out.print(Text(f"  {each.rule_id}: {line}"), soft_wrap=True)
    if why.height > _SHOWN:
        out.print(f"  ... and {why.height - _SHOWN} more.")
    if receipts is not None:
        out.print(Text(f"Receipts: {receipts}, two files for each submission."), soft_wrap=True)
