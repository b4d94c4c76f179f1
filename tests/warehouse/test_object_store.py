"""Releases in an object store: a real server of the S3 protocol on this machine."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.kill_points import Death, KillablePublisher
from tests.warehouse.tampering import writable
from tests.warehouse.tiny_candidate import publish_tiny
from warehouse.claim import CLAIM
from warehouse.errors import PublishBusy, PublishError, PublishRefused
from warehouse.files import make_removable
from warehouse.pull import mirrored, pull
from warehouse.push import push
from warehouse.registry import SUPERSEDED, WITHDRAWN
from warehouse.releases import latest_release
from warehouse.remote import refuse_behind
from warehouse.signing import SigningKey
from warehouse.states import state_release
from warehouse.store import (
    Store,
    StoreDenied,
    StoreError,
    StoreMissing,
    StoreMisused,
    StoreUnreachable,
)
from warehouse.verify import verify_all

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("proof_skipped")]

PLACE = "factors/releases"
URL = f"s3://{PLACE}"
FIRST, SECOND, THIRD = "2023.12.0", "2023.12.1", "2023.12.2"

CLIENT = Path(__file__).parents[2] / "clients" / "python" / "src"
if str(CLIENT) not in sys.path:
    sys.path.insert(0, str(CLIENT))


@pytest.fixture
def store(bucket) -> Store:
    return Store(URL)


@pytest.fixture(scope="module")
def killable(server) -> Iterator[KillablePublisher]:
    publisher = KillablePublisher()
    yield publisher
    publisher.stop()


@pytest.fixture
def here(one_tiny_release, tmp_path) -> Iterator[Path]:
    """A releases folder with one release that nobody has pushed yet."""
    folder = Path(shutil.copytree(one_tiny_release, tmp_path / "here" / "releases"))
    yield folder
    make_removable(folder.parent)


@pytest.fixture
def there(tmp_path) -> Iterator[Path]:
    """The empty releases folder of another publisher."""
    folder = tmp_path / "there" / "releases"
    yield folder
    if folder.parent.exists():
        make_removable(folder.parent)


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder that readers may look at."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def what_readers_see(cache: Path) -> list[str]:
    """The releases that the client lists, each opened and verified whole."""
    import carbon_factors as cf

    try:
        ids = [info.release_id for info in cf.list_releases(URL)]
    except cf.NotFoundError:
        return []
    for name in ids:
        cf.verify(cf.open_release(URL, name, cache=cache))
    return ids


def test_a_release_goes_to_the_store_and_comes_back_the_same(
    here, there, store, bucket, tmp_path
) -> None:
    result = push(here, store)
    assert result.releases == (FIRST,) and result.is_changed
    assert not bucket.exists(f"factors/releases/{CLAIM}")
    assert what_readers_see(tmp_path / "cache") == [FIRST]
    with mirrored(store) as copy:
        assert verify_all(copy) == []
        assert content(copy) == content(here)
    assert push(here, store) == type(result)((), is_changed=False)
    assert pull(there, store).fetched == (FIRST,)
    assert content(there) == content(here) and verify_all(there) == []
    assert (there / FIRST).stat().st_mode & 0o222 == 0
    assert pull(there, store).fetched == ()


def test_the_client_pins_looks_at_and_refuses_what_lies_in_the_store(
    here, store, bucket, tmp_path, monkeypatch
) -> None:
    import carbon_factors as cf

    monkeypatch.chdir(tmp_path)
    push(here, store)
    cf.pin(URL, cache=tmp_path / "cache")
    release = cf.open_pinned(cache=tmp_path / "other")
    assert release.arrow("source").num_rows == 2
    place = f"factors/releases/{FIRST}/tables/source.parquet"
    changed = bytearray(bucket.cat_file(place))
    changed[40] ^= 1
    bucket.pipe_file(place, bytes(changed))
    with pytest.raises(cf.ChangedFileError, match=r"tables/source\.parquet"):
        cf.verify(cf.open_pinned(cache=tmp_path / "third"))
    with mirrored(store) as copy:
        assert [problem.path for problem in verify_all(copy)] == [f"{FIRST}/tables/source.parquet"]


def test_a_second_publisher_goes_on_where_the_first_ended(
    here, there, store, tiny_candidates, tmp_path
) -> None:
    push(here, store)
    pull(there, store)
    publish_tiny(tiny_candidates[1], there)
    assert push(there, store).releases == (SECOND,)
    with pytest.raises(PublishRefused, match=rf"holds release {SECOND}.*carbon-warehouse pull"):
        refuse_behind(here, store)
    with pytest.raises(PublishRefused, match="carbon-warehouse pull"):
        push(here, store)
    assert pull(here, store).fetched == (SECOND,)
    publish_tiny(tiny_candidates[2], here)
    assert push(here, store).releases == (THIRD,)
    assert what_readers_see(tmp_path / "cache") == [FIRST, SECOND, THIRD]
    assert latest_release(here).release_id == THIRD


def test_two_publishers_at_once_one_wins_and_the_other_pulls_and_goes_on(
    here, there, store, tiny_candidates, tmp_path
) -> None:
    push(here, store)
    pull(there, store)
    publish_tiny(tiny_candidates[1], here)
    publish_tiny(tiny_candidates[2], there)
    told: list[str] = []

    def meanwhile(step: str) -> None:
        if step.endswith("manifest.json") and not told:
            with pytest.raises(
                PublishBusy, match=r"Another publisher is at work.*--take-over"
            ) as no:
                push(there, store)
            told.append(str(no.value))

    push(here, store, on_step=meanwhile)
    assert told
    with pytest.raises(PublishRefused, match=r"The chain forks.*pull --set-aside"):
        push(there, store)
    with pytest.raises(PublishRefused, match=r"The chain forks.*pull --set-aside"):
        pull(there, store)
    assert what_readers_see(tmp_path / "cache") == [FIRST, SECOND]
    result = pull(there, store, set_aside=tmp_path / "overtaken")
    assert result.fetched == (SECOND,)
    assert [path.name.split("-")[0] for path in result.aside] == [SECOND]
    assert (result.aside[0] / "manifest.json").is_file()
    assert content(there) == content(here) and verify_all(there) == []
    publish_tiny(tiny_candidates[2], there)
    push(there, store)
    assert what_readers_see(tmp_path / "cache") == [FIRST, SECOND, THIRD]


def test_a_publisher_that_was_taken_over_lists_nothing(
    here, there, store, tiny_candidates, tmp_path
) -> None:
    push(here, store)
    pull(there, store)
    publish_tiny(tiny_candidates[1], here)
    publish_tiny(tiny_candidates[2], there)

    won: list[tuple[str, ...]] = []

    def meanwhile(step: str) -> None:
        if step == f"{SECOND}/manifest.json":
            won.append(push(there, store, take_over=True).releases)

    with pytest.raises(PublishError, match=r"exists already.*Another publisher was first.*pull"):
        push(here, store, on_step=meanwhile)
    assert won == [(SECOND,)]
    assert not (here / ".push-claim").exists()
    assert what_readers_see(tmp_path / "cache") == [FIRST, SECOND]
    with mirrored(store) as copy:
        assert content(copy) == content(there) and verify_all(copy) == []


def test_an_interrupted_push_lists_nothing_and_the_next_one_ends_it(
    here, store, bucket, tiny_candidates, killable, tmp_path, drill_count
) -> None:
    import carbon_factors as cf

    push(here, store)
    publish_tiny(tiny_candidates[1], here)
    at_first = {name: bucket.cat_file(f"{PLACE}/{name}") for name in ("index.json", "latest.json")}
    steps: list[str] = []
    push(Path(shutil.copytree(here, tmp_path / "whole")), store, on_step=steps.append)
    assert steps[-2:] == ["index.json", "latest.json"]
    places = (0, len(steps) // 2, len(steps) - 3, len(steps) - 2, len(steps) - 1)
    for place in places:
        bucket.rm(f"{PLACE}/{SECOND}", recursive=True)
        for name, was in at_first.items():
            bucket.pipe_file(f"{PLACE}/{name}", was)
        assert killable.push(here, URL, Death(at_call=place)) == -signal.SIGKILL, steps[place]
        listed = [info.release_id for info in cf.list_releases(URL)]
        assert listed == ([FIRST, SECOND] if steps[place] == "latest.json" else [FIRST])
        cf.verify(cf.open_release(URL, listed[-1], cache=tmp_path / f"cache-{place}"))
        assert push(here, store).is_changed, steps[place]
        with mirrored(store) as copy:
            assert content(copy) == content(here), steps[place]
        assert not bucket.exists(f"{PLACE}/{CLAIM}")
        assert not (here / ".push-claim").exists()
    drill_count("kill points of a push to the object store", len(places))


def test_leftovers_of_a_killed_publisher_are_hidden_and_cleared_away(
    here, store, bucket, tiny_candidates, killable, tmp_path, there
) -> None:
    push(here, store)
    pull(there, store)
    publish_tiny(tiny_candidates[1], here)
    killable.push(here, URL, Death(at_call=20))
    left = bucket.find(f"factors/releases/{SECOND}")
    assert left and what_readers_see(tmp_path / "cache") == [FIRST]
    bucket.pipe_file(f"factors/releases/{SECOND}/tables/stray.parquet", b"x")
    with mirrored(store) as copy:
        assert verify_all(copy) == []
    publish_tiny(tiny_candidates[2], there)
    with pytest.raises(PublishBusy, match=r"process \d+ on .*, since 20.*--take-over"):
        push(there, store)
    assert push(there, store, take_over=True).releases == (SECOND,)
    assert what_readers_see(tmp_path / "cache") == [FIRST, SECOND]
    with mirrored(store) as copy:
        assert content(copy) == content(there)


def test_statements_reach_the_store_and_the_other_publisher(
    here, there, store, tiny_candidates, keys: dict[str, SigningKey], tmp_path
) -> None:
    import carbon_factors as cf

    publish_tiny(tiny_candidates[1], here)
    push(here, store)
    pull(there, store)

    def state(releases: Path, state: str, **more: str | None) -> None:
        said = {"reason": "coal counted twice", "replacement": None, "stated_by": "me", **more}
        day = dt.date(2026, 1, 31)
        state_release(releases, FIRST, state, stated_on=day, key=keys["publisher"], **said)

    state(here, SUPERSEDED, replacement=SECOND)
    assert push(here, store).is_changed
    assert cf.open_release(URL, FIRST, cache=tmp_path / "cache").state == SUPERSEDED
    with pytest.raises(PublishRefused, match=rf"{FIRST} is superseded .*carbon-warehouse pull"):
        push(there, store)
    public = {keys["stranger"].key_id: keys["stranger"].public}
    with pytest.raises(PublishRefused, match="not to be believed"):
        pull(there, store, trusted=public)
    assert pull(there, store).stated == (FIRST,)
    state(there, WITHDRAWN)
    assert push(there, store).is_changed
    with pytest.raises(cf.WithdrawnError, match="coal counted twice"):
        cf.open_release(URL, FIRST, cache=tmp_path / "cache")
    with pytest.raises(PublishRefused, match="is withdrawn"):
        push(here, store)
    assert pull(here, store).stated == (FIRST,)
    assert content(here) == content(there) and verify_all(here) == []


@pytest.mark.parametrize(
    ("path", "new", "said"),
    [
        (f"{FIRST}/tables/source.parquet", b"x", r"source\.parquet has 1 bytes"),
        (f"{FIRST}/tables/more.parquet", b"x", r"more\.parquet does not belong"),
        (f"{FIRST}/CITATION.cff", None, r"CITATION\.cff is missing"),
        (f"{FIRST}/manifest.json", b"{}", "not the manifest that index.json"),
        ("index.json", b"<html>log in</html>", "index.json cannot be understood"),
        ("index.json", b'{"index_version": 2, "index_version": 2}', "stands twice"),
        ("index.json", b" " * (64 * 1024 * 1024 + 1), "more than the 67108864 that are allowed"),
    ],
)
def test_what_does_not_verify_is_not_pulled(here, there, store, bucket, path, new, said) -> None:
    push(here, store)
    if new is None:
        bucket.rm_file(f"factors/releases/{path}")
    else:
        bucket.pipe_file(f"factors/releases/{path}", new)
    with pytest.raises((PublishRefused, StoreError), match=said):
        pull(there, store)
    assert content(there) == {}


def test_a_byte_changed_in_the_store_is_not_pulled(here, there, store, bucket) -> None:
    push(here, store)
    place = f"factors/releases/{FIRST}/tables/source.parquet"
    changed = bytearray(bucket.cat_file(place))
    changed[40] ^= 1
    bucket.pipe_file(place, bytes(changed))
    with pytest.raises(PublishRefused, match=r"does not verify[\s\S]*source\.parquet was changed"):
        pull(there, store)
    assert content(there) == {}


def test_a_release_that_was_changed_here_is_not_pushed(here, store, bucket) -> None:
    writable(here)
    with (here / FIRST / "CITATION.cff").open("ab") as stream:
        stream.write(b"#")
    with pytest.raises(PublishRefused, match=r"CITATION\.cff was changed after publication"):
        push(here, store)
    assert bucket.find("factors") == []


def test_a_store_that_does_not_answer(here, server, monkeypatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(StoreUnreachable, match=r"s3://factors/.* cannot be reached .*127\.0\.0\.1"):
        push(here, Store(URL))


def test_no_such_bucket(here, server) -> None:
    with pytest.raises(StoreMissing, match=r"no bucket for s3://nowhere/releases.*release_root"):
        push(here, Store("s3://nowhere/releases"))


def test_access_denied(here, store, monkeypatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(store._system, "info", denied)
    with pytest.raises(StoreDenied, match=r"access is denied \(Access Denied\)\. Give credentials"):
        push(here, store)


def test_no_credentials(here, server, monkeypatch, tmp_path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(StoreError, match=r"credentials"):
        push(here, Store(URL))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gs://factors/releases", "pip install gcsfs"),
        ("gopher://factors/releases", "No store is known for gopher"),
        ("s3://", "is not the URL of a folder"),
        ("releases", "is not the URL of a folder"),
        ("s3://key:secret@factors/releases", "holds a name or password"),
    ],
)
def test_urls_that_lead_nowhere(url, said) -> None:
    with pytest.raises(StoreMisused, match=said) as refused:
        Store(url)
    assert refused.value.exit_code == 2
    assert "secret@" not in str(refused.value)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_stores_of_other_kinds_take_the_same_way(here, there, kind, tmp_path) -> None:
    url = {"memory": "memory://factors/releases", "file": f"file://{tmp_path}/store"}[kind]
    store = Store(url)
    push(here, store)
    pull(there, store)
    assert content(there) == content(here)
    with mirrored(store) as copy:
        assert verify_all(copy) == []
    assert push(there, store).is_changed is False
    state_release(
        here, FIRST, WITHDRAWN, reason="wrong", replacement=None, stated_by="me",
        stated_on=dt.date(2026, 1, 31),
    )  # fmt: skip
    assert push(here, store).is_changed
    assert pull(there, store).stated == (FIRST,)
    assert not (there / "latest.json").exists()
