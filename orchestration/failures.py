"""From an exception to a sentence and an exit code.

Belongs here: the one place where a command's errors end. Does not belong here: what they mean.

Exit codes: 0 done (or nothing to do), 1 refused or failed, 2 used wrongly, 130 stopped by Ctrl-C.
"""

import datetime as dt
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

#: Packages whose errors are whole sentences for the operator; others are named by their type.
OWN_PACKAGES = ("ingestion", "expectations", "warehouse", "orchestration", "dbt_project")

REFUSED = 1
USAGE = 2
STOPPED = 130

errors = Console(stderr=True)


def own_sentence(line: str) -> str | None:
    """Return what an error of ours says, from `package.module.Error: sentence`; None of others."""
    origin, _, sentence = line.partition(": ")
    is_own = origin.partition(".")[0] in OWN_PACKAGES and "." in origin
    return sentence if is_own and sentence else None


def home_for_logs() -> Path:
    """Return the home as the environment names it; settings may be what has failed."""
    return Path(os.environ.get("CARBON_HOME", "var")).absolute()


def say(*sentences: str, style: str = "red") -> None:
    """Print sentences to standard error, one a line."""
    for sentence in sentences:
        errors.print(Text(sentence, style=style), soft_wrap=True)


@contextmanager
def told_as_sentences(command: str) -> Iterator[None]:
    """Turn any exception of a command into a sentence and an exit code; keep the trace in a log."""
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        say("Stopped. No release is half made; run the command again any time.", style="yellow")
        raise typer.Exit(STOPPED) from None
    except Exception as error:  # noqa: BLE001 - the outermost place: everything ends here
        known = error.__class__.__module__.split(".")[0] in OWN_PACKAGES
        plain = known or isinstance(error, ValueError | OSError)
        text = str(error).strip() or error.__class__.__name__
        say(text if plain else f"{command} failed: {error.__class__.__name__}: {text}")
        if getattr(error, "exit_code", REFUSED) == USAGE:
            raise typer.Exit(USAGE) from None
        log = keep_trace(home_for_logs() / "logs", command, error)
        if log is not None:
            say(f"The full trace is in {log}.", style="dim")
        raise typer.Exit(REFUSED) from None


def keep_trace(folder: Path, command: str, error: BaseException) -> Path | None:
    """Write an error's trace to a log file and return it; None when it cannot be written."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    file = folder / f"{command}-{stamp}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return None
    return file
