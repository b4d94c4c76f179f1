"""Commands on releases that exist, and on candidates that wait: verify, states, approval, keys.

Belongs here: the commands' options, help and what they print. Does not belong here: work, and the
commands that make a release (`cli`). Imports at the top stay light; see `cli`.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from orchestration.failures import REFUSED, USAGE, say, told_as_sentences

if TYPE_CHECKING:
    from orchestration.settings import Settings
    from warehouse.candidate import Candidate

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder everything is written under. 数据根目录", show_default="var"
    ),
]
ReleaseId = Annotated[str, typer.Argument(metavar="RELEASE", help="Release, as 2023.12.0.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one sentence. 原因")]
StatedBy = Annotated[
    str | None,
    typer.Option("--stated-by", help="Who states it; default: the user's name. 声明人"),
]
CandidateName = Annotated[
    str, typer.Argument(metavar="CANDIDATE", help="Name or folder of a candidate. 候选版本")
]
out = Console()


def register(app: typer.Typer) -> None:
    """Add the commands to the operator's command line."""
    app.command(
        epilog="Examples:  carbon-warehouse verify   |   carbon-warehouse verify 2023.12.0   |   "
        "carbon-warehouse verify --from s3://factors/releases"
    )(verify)
    app.command(
        epilog="Example:  carbon-warehouse withdraw 2023.12.0 "
        "--reason 'Coal of March counted twice' --replacement 2023.12.1"
    )(withdraw)
    app.command(
        epilog="Example:  carbon-warehouse supersede 2023.12.0 --by 2023.12.1 "
        "--reason 'Yearbook replaces bulletins'"
    )(supersede)
    app.command(epilog="Example:  carbon-warehouse approve 2023-12-1a2b3c4d --key ~/second.pem")(
        approve
    )
    app.command(
        epilog="Examples:  carbon-warehouse publish 2023-12-1a2b3c4d   |   "
        "carbon-warehouse publish 2023-12-1a2b3c4d --id 2023.12.1"
    )(publish)
    keys = typer.Typer(
        name="key",
        no_args_is_help=True,
        help="Make and show keys that sign releases. 签名密钥",
    )
    keys.command("new", epilog="Example:  carbon-warehouse key new ~/keys/release.pem")(key_new)
    keys.command("show", epilog="Example:  carbon-warehouse key show ~/keys/release.pem")(key_show)
    app.add_typer(keys)


def verify(
    release_id: Annotated[
        str | None,
        typer.Argument(metavar="[RELEASE]", help="One release; default: all, with the chain."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", help="URL of a store to verify instead of the home. 对象存储"),
    ] = None,
    home: Home = None,
) -> None:
    """Prove that releases are as they were published. 校验发布版本

    Walks files, manifest, signature, state, chain and registry, and says which link fails.
    Signatures are checked by the keys of the settings trusted_keys and signing_key. Exit 1: a link
    fails. Exit 2: there is no such release.
    """
    with told_as_sentences("verify"), ExitStack() as stack:
        from orchestration.trust import trusted_keys
        from warehouse import verify as prove
        from warehouse.registry import PUBLISHED
        from warehouse.releases import list_releases, read_release
        from warehouse.trust import standing

        settings = _settings(home)
        folder = stack.enter_context(_releases_at(settings, source))
        entries = [] if release_id is not None else list_releases(folder)
        if release_id is not None and not (folder / release_id).is_dir():
            _no_release(folder, release_id)
        trusted = trusted_keys(settings)
        problems = (
            prove.verify_all(folder, trusted)
            if release_id is None
            else prove.verify(folder / release_id, trusted)
        )
        if problems:
            say(*(f"[{problem.link}] {problem.sentence}" for problem in problems))
            raise typer.Exit(REFUSED)
        verified = [entry.release_id for entry in entries] if release_id is None else [release_id]
        states = {entry.release_id: entry for entry in list_releases(folder)}
        for each in verified:
            entry = states.get(each)
            state = f", {entry.state}" if entry and entry.state != PUBLISHED else ""
            standing_of = standing(folder / each, read_release(folder / each).manifest, trusted)
            out.print(Text(f"{each}: {standing_of}{state}"), soft_wrap=True)
        out.print(
            f"{len(verified)} release{'s' * (len(verified) != 1)} verified: "
            "every file is as it was published."
        )


def withdraw(
    release_id: ReleaseId,
    reason: Reason,
    replacement: Annotated[
        str | None, typer.Option("--replacement", help="Release to use instead. 替代版本")
    ] = None,
    stated_by: StatedBy = None,
    home: Home = None,
) -> None:
    """Withdraw a release: it must not be used any more; its files stay. 撤回发布版本

    The statement is signed when a signing key is set, and it is final. Stating the same again
    changes nothing. Exit 1: there is no such release, or something else was stated of it.
    """
    with told_as_sentences("withdraw"):
        _state(release_id, "withdrawn", reason, replacement, stated_by, home)


def supersede(
    release_id: ReleaseId,
    by: Annotated[str, typer.Option("--by", help="Release that takes its place. 取代版本")],
    reason: Reason,
    stated_by: StatedBy = None,
    home: Home = None,
) -> None:
    """State that another release takes the place of one, which may still be used. 标记为已取代

    Publishing a month again does not do this by itself. Exit 1: there is no such release, or
    something else was stated of it.
    """
    with told_as_sentences("supersede"):
        _state(release_id, "superseded", reason, by, stated_by, home)


def approve(
    candidate: CandidateName,
    key: Annotated[Path, typer.Option("--key", help="Your private key. 审批人私钥")],
    stated_by: StatedBy = None,
    home: Home = None,
) -> None:
    """Approve a judged candidate as the second person. 审批候选版本

    Signs its gate report, which holds the hashes of all files. Needed before publication when the
    setting require_approval is on. Exit 1: refused by the gate, or changed since.
    """
    with told_as_sentences("approve"):
        from warehouse.approval import approve as sign
        from warehouse.signing import load_signing_key

        chosen = _candidate(candidate, home)
        approval = sign(
            chosen,
            load_signing_key(key.expanduser()),
            approved_by=stated_by or _user(),
            approved_on=_today(),
        )
        out.print(
            Text(f"Approved {chosen.folder.name} by {approval.approved_by} ({approval.key_id})."),
            soft_wrap=True,
        )


def publish(
    candidate: CandidateName,
    release_id: Annotated[
        str | None,
        typer.Option("--id", help="Id to publish under; default: the next N of the month."),
    ] = None,
    home: Home = None,
) -> None:
    """Publish a candidate that was judged and waits, as for an approval. 发布候选版本

    Proves everything again, the raw tables included. An id that exists with the same content is
    left as it is. Exit 1: refused, with the reasons.
    """
    with told_as_sentences("publish"):
        from orchestration.publishing import publish_candidate, require_same_raw_boundary

        settings = _settings(home)
        chosen = _candidate(candidate, home)
        require_same_raw_boundary(settings, chosen)
        result = publish_candidate(settings, chosen, release_id=release_id)
        out.print(Text(f"{result.release_id}: {result.reason}"), soft_wrap=True)


def key_new(
    path: Annotated[Path, typer.Argument(help="File to write the private key to. 私钥文件")],
) -> None:
    """Make a key pair; the public half is written beside it. 生成密钥

    Set signing_key to the private file; give the public file to everyone who verifies. Exit 1: a
    file is there already; a key is never written over.
    """
    with told_as_sentences("key"):
        from warehouse.signing import new_key

        public, beside = new_key(path.expanduser().absolute())
        out.print(Text(f"{public.key_id}"), soft_wrap=True)
        out.print(Text(f"private: {path}  (keep it; its owner alone may read it)"), soft_wrap=True)
        out.print(Text(f"public:  {beside}  (give it away)"), soft_wrap=True)


def key_show(
    path: Annotated[Path, typer.Argument(help="A private or public key. 密钥文件")],
) -> None:
    """Show the id and the public half of a key. 显示公钥

    Exit 1: the file holds no Ed25519 key, or a private key that others may read.
    """
    with told_as_sentences("key"):
        from warehouse.signing import load_public_key, load_signing_key

        path = path.expanduser()
        is_private = path.is_file() and b"PRIVATE KEY" in path.read_bytes()[:4096]
        public = load_signing_key(path).public if is_private else load_public_key(path)
        out.print(Text(public.key_id), soft_wrap=True)
        typer.echo(public.as_pem().decode("ascii"), nl=False)


def _state(
    release_id: str,
    state: str,
    reason: str,
    replacement: str | None,
    stated_by: str | None,
    home: Path | None,
) -> None:
    from orchestration.publishing import push_to_the_store, require_all_of_the_store
    from orchestration.trust import signing_key
    from warehouse.states import state_release

    settings = _settings(home)
    require_all_of_the_store(settings)
    is_new = state_release(
        settings.releases,
        release_id,
        state,
        reason=reason,
        replacement=replacement,
        stated_by=stated_by or _user(),
        stated_on=_today(),
        key=signing_key(settings),
    )
    push_to_the_store(settings, f"{release_id} is {state} in {settings.releases}")
    instead = f"; use {replacement}" if replacement else ""
    said = "is now" if is_new else "is already"
    out.print(
        Text(f"{release_id} {said} {state}{instead}. Its files stay as they are."), soft_wrap=True
    )


def _settings(home: Path | None) -> "Settings":
    from orchestration.settings import load_settings

    return load_settings(home=home)


def _candidate(name: str, home: Path | None) -> "Candidate":
    """Return a candidate by its folder, or by its name under the home."""
    from warehouse.candidate import Candidate

    folder = Path(name).expanduser()
    if not (folder / "gate_report.json").is_file():
        folder = _settings(home).candidates / name
    if not folder.is_dir():
        say(f"There is no candidate {name}: neither a folder nor a name under {folder.parent}.")
        raise typer.Exit(USAGE)
    return Candidate(folder.absolute())


@contextmanager
def _releases_at(settings: "Settings", url: str | None) -> Iterator[Path]:
    """Yield the releases folder of the home, or a copy of what a store lists."""
    if url is None:
        yield settings.releases
        return
    from warehouse.pull import mirrored
    from warehouse.store import Store

    with mirrored(Store(url)) as folder:
        yield folder


def _no_release(folder: Path, release_id: str) -> None:
    from warehouse.releases import list_releases

    known = ", ".join(entry.release_id for entry in list_releases(folder)) or "none"
    say(f"There is no release {release_id}. Releases: {known}.")
    raise typer.Exit(USAGE)


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unnamed operator"


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
