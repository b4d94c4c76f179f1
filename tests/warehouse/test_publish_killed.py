"""A publisher killed anywhere leaves no release or a whole one; the next one cleans up."""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import pytest

from tests.warehouse.kill_points import Death, KillablePublisher, count_calls
from tests.warehouse.tiny_candidate import publish_tiny
from warehouse.candidate import Candidate
from warehouse.files import make_removable
from warehouse.registry import INDEX, LATEST, release_folders
from warehouse.releases import latest_release, list_releases
from warehouse.verify import verify, verify_all

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("proof_skipped")]

FIRST, SECOND = "2023.12.0", "2023.12.1"
CALLS, TWICE, MOMENTS = 70, 10, 25
"""How many calls are drawn, deaths followed by another, and moments by the clock."""

AT_ONCE = 2


@pytest.fixture(scope="module")
def publishers() -> Iterator[Queue[KillablePublisher]]:
    idle: Queue[KillablePublisher] = Queue()
    everyone = [KillablePublisher() for _ in range(AT_ONCE)]
    for publisher in everyone:
        idle.put(publisher)
    yield idle
    for publisher in everyone:
        publisher.stop()


class Drill:
    """A releases folder for each death, and what must hold in it afterwards."""

    def __init__(
        self, before: Path, candidate: Candidate, folder: Path, publishers: Queue[KillablePublisher]
    ) -> None:
        self.before, self.candidate, self.folder = before, candidate, folder
        self.publishers = publishers

    def fresh(self, name: object) -> Path:
        return Path(shutil.copytree(self.before, self.folder / f"releases-{name}"))

    def each(self, die: Callable[[int, KillablePublisher], None], deaths: int) -> None:
        """Let a publisher die so many times, some at once."""

        def one(place: int) -> None:
            publisher = self.publishers.get()
            try:
                die(place, publisher)
            finally:
                self.publishers.put(publisher)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert len(list(pool.map(one, range(deaths)))) == deaths

    def die(
        self, publisher: KillablePublisher, releases: Path, deaths: Sequence[Death]
    ) -> tuple[int, bool]:
        """Die once or more; return how it last ended and whether the second release is there.

        Readers see the first release, or both, each whole.
        """
        for death in deaths:
            ended = publisher.run(self.candidate.folder, releases, death)
            assert ended in (0, -signal.SIGKILL), death
            ids = [folder.name for folder in release_folders(releases)]
            assert ids in ([FIRST], [FIRST, SECOND]), death
            for name in ids[1:]:
                assert verify(releases / name) == [], f"half a release after {death}"
            listed = [entry.release_id for entry in list_releases(releases)]
            assert listed == ids[: len(listed)] and listed, death
            latest = latest_release(releases)
            assert latest is not None and latest.release_id in listed, death
        return ended, len(ids) == 2

    def is_mended(self, releases: Path, appeared: bool, death: object) -> None:
        """The next publisher cleans up and publishes, or finds that all is done."""
        result = publish_tiny(self.candidate, releases)
        assert result.status == ("unchanged" if appeared else "published"), death
        assert result.release_id == SECOND, death
        assert verify_all(releases) == [], death
        names = {path.name for path in releases.iterdir()}
        assert names == {".lock", INDEX, LATEST, FIRST, SECOND}, death
        assert [entry.release_id for entry in list_releases(releases)] == [FIRST, SECOND]
        assert latest_release(releases).release_id == SECOND
        make_removable(releases)
        shutil.rmtree(releases)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: forcing to disk is waited for a hundred times."""
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="killed-") as name:
        yield Path(name)
        make_removable(Path(name))


@pytest.fixture
def drill(one_tiny_release, tiny_candidates, folder, publishers) -> Drill:
    return Drill(one_tiny_release, tiny_candidates[1], folder, publishers)


@pytest.fixture
def calls(drill: Drill) -> list[str]:
    """The calls of a whole publication, in order."""
    releases = drill.fresh("counted")
    seen = count_calls(lambda: publish_tiny(drill.candidate, releases))
    assert {"open", "write", "fsync", "rename", "replace", "chmod", "mkdir"} <= {*seen}
    assert seen.count("rename") == 1
    return seen


def test_death_at_every_named_step(drill, drill_count) -> None:
    steps: list[str] = []
    publish_tiny(drill.candidate, drill.fresh("whole"), on_step=steps.append)
    steps = list(dict.fromkeys(steps))
    assert steps[0] == "prove" and steps[-1] == "done" and "rename" in steps

    def at_step(place: int, publisher: KillablePublisher) -> None:
        releases, death = drill.fresh(place), Death(at_step=steps[place])
        ended, appeared = drill.die(publisher, releases, [death])
        assert ended == -signal.SIGKILL, death
        assert appeared == (place > steps.index("rename")), death
        drill.is_mended(releases, appeared, death)

    drill.each(at_step, len(steps))
    drill_count("kill points of a publication: named steps", len(steps))


def test_death_at_calls_drawn_by_lot(drill, calls, drill_count) -> None:
    drawn = random.Random(20231231)
    places = drawn.sample(range(len(calls)), min(CALLS, len(calls)))
    torn = [bool(drawn.getrandbits(1)) for _ in places]

    def at_call(number: int, publisher: KillablePublisher) -> None:
        place = places[number]
        death = Death(at_call=place, torn=torn[number])
        told = f"{death}, {calls[place]}, of {len(calls)}"
        releases = drill.fresh(place)
        ended, appeared = drill.die(publisher, releases, [death])
        assert ended == -signal.SIGKILL, told
        assert appeared == (place > calls.index("rename")), told
        drill.is_mended(releases, appeared, told)

    drill.each(at_call, len(places))
    drill_count("kill points of a publication: calls drawn by lot", len(places))


def test_death_while_mending_after_a_death(drill, calls, drill_count) -> None:
    drawn = random.Random(20240101)
    pairs = [
        (Death(drawn.randrange(len(calls))), Death(drawn.randrange(len(calls) + 20)))
        for _ in range(TWICE)
    ]

    def twice(place: int, publisher: KillablePublisher) -> None:
        releases = drill.fresh(place)
        _, appeared = drill.die(publisher, releases, pairs[place])
        drill.is_mended(releases, appeared, pairs[place])

    drill.each(twice, TWICE)
    drill_count("kill points of a publication: a second death while mending", TWICE)


def test_death_at_any_moment(drill, publishers, drill_count) -> None:
    publisher, begun = publishers.get(), time.perf_counter()
    assert drill.die(publisher, drill.fresh("whole"), [Death()]) == (0, True)
    publishers.put(publisher)
    whole, drawn, ends = time.perf_counter() - begun, random.Random(7), []
    moments = [drawn.uniform(0.0, whole) for _ in range(MOMENTS)]

    def at_moment(place: int, publisher: KillablePublisher) -> None:
        releases, death = drill.fresh(place), Death(after_seconds=moments[place])
        ended, appeared = drill.die(publisher, releases, [death])
        assert appeared or ended != 0
        ends.append(ended)
        drill.is_mended(releases, appeared, death)

    drill.each(at_moment, MOMENTS)
    died = ends.count(-signal.SIGKILL)
    assert died, "no process was killed in time"
    drill_count("kill points of a publication: moments by the clock", died)
