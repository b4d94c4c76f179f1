"""Progress on the terminal.

Belongs here: drawing stages while they run. Progress goes to standard error, so that standard
output holds results alone. Does not belong here: results (`summary`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from orchestration.stages import STAGES, Listener, StageName


class Bars:
    """Shows stages as bars; for a terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[StageName, TaskID] = {}

    def started(self, stage: StageName) -> None:
        """Add the stage's bar."""
        self._tasks[stage] = self._progress.add_task(STAGES[stage], total=None, what="")

    def advanced(self, stage: StageName, done: int, total: int, what: str) -> None:
        """Move the stage's bar and name what it is at."""
        self._progress.update(self._tasks[stage], completed=done, total=total or None, what=what)

    def ended(self, stage: StageName, seconds: float, ok: bool) -> None:
        """Fill the stage's bar, or mark it as failed."""
        task = self._tasks[stage]
        done = "[green]done[/]" if ok else "[red]failed[/]"
        self._progress.update(task, total=1, completed=1 if ok else 0, what=done)
        self._progress.stop_task(task)


class Lines:
    """Shows stages as lines; for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def started(self, stage: StageName) -> None:
        """Say that the stage begins."""
        self._console.print(f"{STAGES[stage]} ...")

    def advanced(self, stage: StageName, done: int, total: int, what: str) -> None:
        """Say nothing: a line for each step would flood a log."""

    def ended(self, stage: StageName, seconds: float, ok: bool) -> None:
        """Say how long the stage took."""
        self._console.print(f"{STAGES[stage]}: {'done' if ok else 'failed'} in {seconds:.1f} s")


@contextmanager
def showing(console: Console) -> Iterator[Listener]:
    """Yield a listener that draws on the console: bars on a terminal, lines elsewhere."""
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[what]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield Bars(progress)
