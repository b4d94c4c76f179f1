"""`carbon-warehouse rebuild`: is a release what its inputs, code and parameters make again?

Belongs here: the command, its options and what it prints. Does not belong here: building and
comparing (`orchestration.rebuild`). `register` hooks it into the command line.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from orchestration.failures import REFUSED, USAGE, errors, say, told_as_sentences

out = Console()


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog="Example:  carbon-warehouse rebuild 2023.12.0")(rebuild)


def rebuild(
    release_id: Annotated[str, typer.Argument(metavar="RELEASE", help="Release, as 2023.12.0.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the folder it is built in. 保留重建目录")
    ] = False,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Folder everything is under. 数据根目录", show_default="var"),
    ] = None,
) -> None:
    """Build a release again from the files as received and compare every byte. 重建并逐字节比对

    Takes as long as a first release: nothing is carried over but the landed files and the releases
    before. Exit 1: something came out otherwise, each file is named. Exit 2: it cannot be built
    here - other code, a file that is gone, no such release.
    """
    with told_as_sentences("rebuild"):
        from orchestration.console import showing
        from orchestration.rebuild import RebuildError, ReleaseError
        from orchestration.rebuild import rebuild as build_again
        from orchestration.settings import load_settings

        settings = load_settings(home=home)
        try:
            with showing(errors) as listener:
                done = build_again(settings, release_id, listener=listener, keep=keep)
        except (RebuildError, ReleaseError) as problem:
            say(str(problem))
            raise typer.Exit(USAGE) from None
        if done.differences:
            say(*(f"{each.path}: {each.sentence}" for each in done.differences))
            say(f"{release_id}: {len(done.differences)} of {done.files} files came out otherwise.")
            raise typer.Exit(REFUSED)
        out.print(Text(f"{release_id}: built again, all {done.files} files are the same bytes."))
