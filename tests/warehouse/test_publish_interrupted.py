"""A publisher that dies at any step leaves no release or a whole one; the next one cleans up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.publish import STAGING
from warehouse.registry import release_folders
from warehouse.releases import latest_release, list_releases
from warehouse.verify import verify, verify_all


class Killed(BaseException):
    """Stands for a death that no handler of the publisher sees."""


def steps_of(candidate, releases, publish_it) -> list[str]:
    seen: list[str] = []
    publish_it(candidate, releases, on_step=seen.append)
    return seen


@pytest.mark.usefixtures("proof_skipped")
def test_death_at_every_step_leaves_nothing_or_everything(template, tmp_path, publish_it) -> None:
    steps = steps_of(template, tmp_path / "whole", publish_it)
    assert steps[0] == "prove" and steps[-1] == "done" and "rename" in steps
    copies = [step for step in steps if step.startswith("copy ")]
    for place, last in enumerate(steps):
        if last in copies[1:-1]:
            continue  # one table more or less in the staging folder
        releases = tmp_path / f"killed-{place}"

        def die(step: str, last: str = last) -> None:
            if step == last:
                raise Killed

        with pytest.raises(Killed):
            publish_it(template, releases, on_step=die)
        for folder in release_folders(releases):
            assert verify(folder) == [], f"half a release after {last}"
        appeared = bool(release_folders(releases))
        assert appeared == (place > steps.index("rename")), last
        result = publish_it(template, releases)
        assert result.status == ("unchanged" if appeared else "published"), last
        assert list(releases.glob(f"{STAGING}*")) == [], last
        assert [entry.release_id for entry in list_releases(releases)] == ["2021.12.0"]
        assert latest_release(releases).release_id == "2021.12.0"
        assert verify_all(releases) == []


@pytest.mark.usefixtures("proof_skipped")
@pytest.mark.parametrize("step", ["copy gwp", "snapshot", "reread", "seal", "rename"])
def test_an_error_at_a_step_cleans_up_at_once(template, releases, publish_it, step) -> None:
    def fail(now: str) -> None:
        if now == step:
            raise RuntimeError("the operator's terminal went away")

    with pytest.raises(RuntimeError):
        publish_it(template, releases, on_step=fail)
    assert [path.name for path in releases.iterdir()] == [".lock"]


@pytest.mark.usefixtures("proof_skipped")
def test_a_lost_pointer_is_written_again(template, published, publish_it) -> None:
    (published / "latest.json").unlink()
    assert publish_it(template, published).status == "unchanged"
    assert latest_release(published).release_id == "2021.12.0"


@pytest.mark.usefixtures("proof_skipped")
def test_a_lost_index_is_made_again_from_the_chain(template, published, publish_it) -> None:
    publish_it(template, published, parameters={"try": 1})
    before = (published / "index.json").read_bytes()
    for damage in (b"", None):
        (published / "index.json").unlink()
        if damage is not None:
            (published / "index.json").write_bytes(damage)
        publish_it(template, published, parameters={"try": 1})
        assert (published / "index.json").read_bytes() == before
    assert verify_all(published) == []


_CHILD = """
import datetime as dt, os, signal, sys
from pathlib import Path
from warehouse import gate_report, publish as publishing
from warehouse.candidate import Candidate
publishing.prove = lambda candidate, **_: gate_report.read_report(candidate.report)
def die(step):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
publishing.publish(
    Candidate(Path(sys.argv[1])), Path(sys.argv[2]), release_month="2021-12", parameters={},
    receipts=[], code_version="x", built_at=dt.datetime.now(dt.UTC), on_step=die,
)
"""


@pytest.mark.usefixtures("proof_skipped")
@pytest.mark.parametrize("step", ["manifest", "index"])
def test_a_killed_process_holds_no_lock_and_leaves_no_half_release(
    template, releases, publish_it, step
) -> None:
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(template.folder), str(releases), step],
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert bool(release_folders(releases)) == (step == "index")
    assert bool(list(releases.glob(f"{STAGING}*"))) == (step == "manifest")
    publish_it(template, releases, parameters={})
    assert [entry.release_id for entry in list_releases(releases)] == ["2021.12.0"]
    assert list(releases.glob(f"{STAGING}*")) == []
    assert verify_all(releases) == []
