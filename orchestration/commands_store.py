"""Commands between the releases of this home and the object store they are handed out from.

Belongs here: the options, help and output of push and pull. Does not belong here: moving objects
(`warehouse.push`, `warehouse.pull`). `register` hooks them into the command line.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from orchestration.failures import USAGE, errors, say, told_as_sentences

if TYPE_CHECKING:
    from orchestration.settings import Settings
    from warehouse.store import Store

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder everything is written under. 数据根目录", show_default="var"
    ),
]
Root = Annotated[
    str | None,
    typer.Option("--to", help="URL of the store; default: the setting release_root. 对象存储"),
]
From = Annotated[
    str | None,
    typer.Option("--from", help="URL of the store; default: the setting release_root. 对象存储"),
]
out = Console()


def register(app: typer.Typer) -> None:
    """Add the commands to the operator's command line."""
    app.command(
        epilog="Examples:  carbon-warehouse push   |   "
        "carbon-warehouse push --to s3://factors/releases"
    )(push)
    app.command(
        epilog="Examples:  carbon-warehouse pull   |   "
        "carbon-warehouse pull --from s3://factors/releases"
    )(pull)


def push(
    to: Root = None,
    take_over: Annotated[
        bool,
        typer.Option("--take-over", help="End the claim of a publisher that was killed. 接管"),
    ] = False,
    home: Home = None,
) -> None:
    """Bring releases and statements to the object store. 推送发布版本

    Readers there see a release when it is whole. Publishing does this by itself when release_root
    is set; this finishes what was interrupted. Exit 1: the store does not answer, denies access,
    has no such bucket, or holds releases that are not here. Exit 2: no store, or none of that kind.
    """
    with told_as_sentences("push"):
        from orchestration.trust import trusted_keys
        from warehouse.push import push as bring

        settings = _settings(home)
        store = _store(settings, to)
        with errors.status("Pushing ...") as status:
            result = bring(
                settings.releases,
                store,
                trusted=trusted_keys(settings),
                take_over=take_over,
                on_step=lambda step: status.update(f"Pushing {step} ..."),
            )
        pushed = ", ".join(result.releases)
        told = (
            f"Pushed {pushed}." if pushed
            else "States and pointers were brought in line." if result.is_changed
            else "Nothing to push: the store says the same already."
        )  # fmt: skip
        out.print(Text(f"{store.url}: {told}"), soft_wrap=True)


def pull(
    source: From = None,
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside", help="Move releases that another publisher overtook to `overtaken`. 移开"
        ),
    ] = False,
    home: Home = None,
) -> None:
    """Fetch releases and statements that the object store has and this home lacks. 拉取发布版本

    Everything is verified before it counts. Exit 1: the store does not answer, denies access, has
    no such bucket, holds something that does not verify, or its chain and ours fork. Exit 2: no
    store, or none of that kind.
    """
    with told_as_sentences("pull"):
        from orchestration.trust import trusted_keys
        from warehouse.pull import pull as fetch

        settings = _settings(home)
        store = _store(settings, source)
        with errors.status("Pulling ...") as status:
            result = fetch(
                settings.releases,
                store,
                trusted=trusted_keys(settings),
                set_aside=settings.home / "overtaken" if set_aside else None,
                on_step=lambda step: status.update(f"Pulling {step} ..."),
            )
        for folder in result.aside:
            out.print(Text(f"Put aside: {folder}"), soft_wrap=True)
        fetched = [*result.fetched, *(f"state of {each}" for each in result.stated)]
        told = f"Pulled {', '.join(fetched)}." if fetched else "Nothing to pull."
        out.print(Text(f"{store.url}: {told}"), soft_wrap=True)


def _settings(home: Path | None) -> "Settings":
    from orchestration.settings import load_settings

    return load_settings(home=home)


def _store(settings: "Settings", url: str | None) -> "Store":
    from warehouse.store import Store

    if url is None and settings.release_root is None:
        say("There is no store: set release_root, or name its URL, as s3://factors/releases.")
        raise typer.Exit(USAGE)
    return Store(url or settings.release_root or "")
