"""One judged candidate and one releases folder a session; each test gets its own copy."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations import published as suites
from expectations import runner
from expectations.waivers import Waiver, Waivers
from tests.warehouse import synthetic
from tests.warehouse.judged_once import judged_once
from tests.warehouse.proof_put_aside import believe_the_report
from tests.warehouse.tampering import writable
from tests.warehouse.tiny_candidate import make_tiny_candidate, publish_tiny
from warehouse.candidate import Candidate
from warehouse.export import export_tables
from warehouse.files import make_removable
from warehouse.gate import judge
from warehouse.gate_report import GateReport
from warehouse.publish import PublishResult, publish
from warehouse.signing import SigningKey, load_signing_key, new_key

BUILT_AT = dt.datetime(2026, 1, 31, 8, 0, tzinfo=dt.UTC)

RECEIPTS = [
    {
        "receipt_id": "r2",
        "source_id": "bulletin",
        "file_name": "2019-02.csv",
        "sha256": "b" * 64,
        "known_at": "2019-03-20",
        "received_at": "2026-01-30T10:00:00Z",
        "submitter": "someone",
    },
    {"receipt_id": "r1", "source_id": "bulletin", "file_name": "2019-01.csv", "sha256": "a" * 64},
]


@pytest.fixture(scope="session", autouse=True)
def equal_rows_judged_once() -> Iterator[None]:
    """Spare the library's answer on rows that it has judged by the same rules."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(suites, "judge_frame", judged_once(runner.judge_frame))
        yield


@pytest.fixture(scope="session")
def tables() -> dict[str, pl.DataFrame]:
    return synthetic.make_tables()


@pytest.fixture(scope="session")
def required(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write_required(tmp_path_factory.mktemp("required") / "required_checks.yml")


@pytest.fixture
def judge_it(required: Path) -> Callable[..., GateReport]:
    """Judge a candidate as its month asks, with the required checks of the synthetic project."""

    def judged(candidate: Candidate, **changes: Any) -> GateReport:
        asked = {
            "release_month": synthetic.RELEASE_MONTH,
            "raw_checks": synthetic.RAW_CHECKS,
            "required_file": required,
            **changes,
        }
        return judge(candidate, **asked)

    return judged


@pytest.fixture
def publish_it(required: Path) -> Callable[..., PublishResult]:
    """Publish a candidate with the parameters of the synthetic project, or with changed ones."""

    def published(candidate: Candidate, releases: Path, **changes: Any) -> PublishResult:
        return _publish(candidate, releases, required, **changes)

    return published


def _publish(candidate: Candidate, releases: Path, required: Path, **changes: Any) -> PublishResult:
    asked = {
        "release_month": synthetic.RELEASE_MONTH,
        "parameters": {"as_of": "2026-01-31", "import_basis": "network"},
        "receipts": RECEIPTS,
        "code_version": "0.1.0+abc",
        "built_at": BUILT_AT,
        "required_file": required,
        **changes,
    }
    return publish(candidate, releases, **asked)


@pytest.fixture(scope="session")
def template(
    tables: dict[str, pl.DataFrame], required: Path, tmp_path_factory: pytest.TempPathFactory
) -> Candidate:
    """A candidate that was exported, judged and passed. Never change it: copy it."""
    candidate = synthetic.make_candidate(tmp_path_factory.mktemp("candidates") / "good", tables)
    export_tables(candidate)
    report = judge(
        candidate,
        release_month=synthetic.RELEASE_MONTH,
        raw_checks=synthetic.RAW_CHECKS,
        required_file=required,
    )
    assert report.passed, report.sentences
    return candidate


@pytest.fixture
def candidate(template: Candidate, tmp_path: Path) -> Candidate:
    """A passing candidate of the test's own."""
    return Candidate(Path(shutil.copytree(template.folder, tmp_path / "candidate")))


@pytest.fixture
def proof_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the publisher believe the report, for tests of what comes after the proof."""
    believe_the_report(monkeypatch)


@pytest.fixture(scope="session")
def tiny_candidates(tmp_path_factory: pytest.TempPathFactory) -> list[Candidate]:
    """Three tiny candidates of one month that say different things. Never change them."""
    folder = tmp_path_factory.mktemp("tiny")
    return [make_tiny_candidate(folder / str(place), place / 4) for place in range(3)]


@pytest.fixture(scope="session")
def one_tiny_release(
    tiny_candidates: list[Candidate], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A releases folder with one release of a tiny candidate. Never change it: copy it."""
    releases = tmp_path_factory.mktemp("tiny") / "releases"
    with pytest.MonkeyPatch.context() as patched:
        believe_the_report(patched)
        publish_tiny(tiny_candidates[0], releases)
    return releases


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[Path]:
    """An empty releases folder."""
    folder = tmp_path / "releases"
    yield folder
    if folder.exists():
        make_removable(folder)


@pytest.fixture(scope="session")
def one_release(
    template: Candidate, required: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A releases folder with one release. Never change it: copy it."""
    releases = tmp_path_factory.mktemp("published") / "releases"
    _publish(template, releases, required)
    return releases


@pytest.fixture
def published(one_release: Path, tmp_path: Path) -> Path:
    """A releases folder with one release that a test may tamper with."""
    folder = Path(shutil.copytree(one_release, tmp_path / "published"))
    writable(folder)
    return folder


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SigningKey]:
    """Signing keys by the role of who holds them."""
    folder = tmp_path_factory.mktemp("keys")
    for role in ("publisher", "second", "stranger"):
        new_key(folder / f"{role}.pem")
    return {
        path.stem: load_signing_key(path)
        for path in folder.glob("[!.]*.pem")
        if "pub." not in path.name
    }


@pytest.fixture(scope="session")
def two_releases(
    one_release: Path,
    template: Candidate,
    required: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A releases folder with two releases of one month. Never change it: copy it."""
    releases = Path(shutil.copytree(one_release, tmp_path_factory.mktemp("two") / "releases"))
    with pytest.MonkeyPatch.context() as patched:
        believe_the_report(patched)
        _publish(template, releases, required, parameters={"try": 1})
    return releases


@pytest.fixture(scope="session")
def one_signed(
    template: Candidate,
    required: Path,
    keys: dict[str, SigningKey],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A releases folder with one signed release. Never change it: copy it."""
    releases = tmp_path_factory.mktemp("signed") / "releases"
    with pytest.MonkeyPatch.context() as patched:
        believe_the_report(patched)
        _publish(template, releases, required, signing_key=keys["publisher"])
    return releases


@pytest.fixture
def signed(one_signed: Path, tmp_path: Path) -> Path:
    """A releases folder with one signed release that a test may tamper with."""
    folder = Path(shutil.copytree(one_signed, tmp_path / "signed"))
    writable(folder)
    return folder


DAY = dt.date(2026, 1, 31)


@pytest.fixture(scope="session")
def one_waived(
    tables: dict[str, pl.DataFrame],
    template: Candidate,
    required: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Candidate, tuple[Waiver, ...]]:
    """A candidate of which one mix does not sum to one, passed under waivers. Never change it.

    Its refusal, judged without waivers, lies beside it as `refused.json`.
    """
    broken = tables["electricity_mix"].with_columns(
        pl.when(
            (pl.col("region_code") == "340000")
            & (pl.col("period_start") == pl.date(2019, 2, 1))
            & (pl.col("technology") == "coal")
        )
        .then(pl.col("share") + 0.00001)
        .otherwise(pl.col("share"))
        .alias("share")
    )
    folder = tmp_path_factory.mktemp("waived") / "off"
    candidate = synthetic.make_candidate(folder, tables | {"electricity_mix": broken})
    export_tables(candidate)
    asked: dict[str, Any] = {
        "release_month": synthetic.RELEASE_MONTH,
        "raw_checks": synthetic.RAW_CHECKS,
        "required_file": required,
    }
    refused = judge(candidate, **asked)
    assert not refused.passed and "invariant.mix_sums_to_one" in refused.data_failures
    shutil.copyfile(candidate.report, folder / "refused.json")
    waivers = tuple(
        Waiver(each, "Rounded at the source", "A. Owner", DAY) for each in refused.data_failures
    )
    report = judge(candidate, **asked, waivers=Waivers(waivers, DAY))
    assert report.passed, report.sentences
    return candidate, waivers


@pytest.fixture
def waived(
    one_waived: tuple[Candidate, tuple[Waiver, ...]], tmp_path: Path
) -> tuple[Candidate, tuple[Waiver, ...]]:
    """A candidate that passed under waivers, and the waivers; the test's own."""
    candidate, waivers = one_waived
    return Candidate(Path(shutil.copytree(candidate.folder, tmp_path / "waived"))), waivers


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server that speaks S3, which this process's surroundings point to."""
    from moto.server import ThreadedMotoServer

    logger = logging.getLogger("werkzeug")  # a line for every request is of no use in a report
    level, server = logger.level, ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    logger.setLevel(logging.WARNING)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patched.setenv("AWS_ACCESS_KEY_ID", "test")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patched.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield f"http://{host}:{port}"
    server.stop()
    logger.setLevel(level)


@pytest.fixture
def bucket(server: str) -> Iterator[Any]:
    """An empty bucket `factors`, looked at beside the code that is tested."""
    import s3fs

    system = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    system.mkdir("factors")
    yield system
    system.rm("factors", recursive=True)
