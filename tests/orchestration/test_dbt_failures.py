"""What a user is told of a failed run of dbt: what was found, not where the code was."""

import json

import duckdb
import pytest

from orchestration.dbt_failures import failed_nodes

TRACE = """Runtime Error in model solved (models/solved.py)
  Python model failed:
  Traceback (most recent call last):
    File "methods/technosphere.py", line 338, in _refuse
  dbt_project.methods.technosphere.TechnosphereError: process p1 has no provider of lime
  """


@pytest.fixture
def candidate(tmp_path):
    """Write the record of a run whose database holds five findings."""

    def write(*results: dict):
        (tmp_path / "target").mkdir()
        record = tmp_path / "target" / "run_results.json"
        record.write_text(json.dumps({"results": results}), encoding="utf-8")
        with duckdb.connect(tmp_path / "candidate.duckdb") as connection:
            connection.execute(
                "create table finding as select 'p' || i as process, null as unit, '' as region, "
                "'process p' || i || ' is open' as sentence_en from range(5, 0, -1) as t(i)"
            )
        return tmp_path

    return write


def failed(name: str, message: str, **other) -> dict:
    return {"unique_id": name, "status": "error", "message": message, **other}


def found(query: str) -> dict:
    return failed("test.p.closed", "Got 5 results", status="fail", compiled_code=query)


def test_of_a_trace_only_its_sentence_is_told(candidate):
    (node,) = failed_nodes(candidate(failed("model.p.solved", TRACE)))
    assert node.name == "solved"
    assert node.sentence == "dbt model 'solved' failed: process p1 has no provider of lime"


def test_an_error_of_another_library_keeps_its_name(candidate):
    trace = TRACE.replace("dbt_project.methods.technosphere.TechnosphereError", "KeyError")
    (node,) = failed_nodes(candidate(failed("model.p.solved", trace)))
    assert node.sentence.endswith("failed: KeyError: process p1 has no provider of lime")


def test_an_error_without_a_trace_is_told_whole(candidate):
    (node,) = failed_nodes(candidate(failed("model.p.a", "Runtime Error\n  Table x is missing")))
    assert node.sentence == "dbt model 'a' failed: Runtime Error Table x is missing"


def test_a_failed_test_shows_the_first_sentences_that_it_found(candidate):
    (node,) = failed_nodes(candidate(found("-- why\nselect * from finding;")))
    assert node.sentence.splitlines() == [
        "dbt test 'closed' failed: Got 5 results",
        "  process p1 is open",
        "  process p2 is open",
        "  process p3 is open",
    ]


def test_a_failed_test_without_sentences_shows_what_is_in_the_columns(candidate):
    query = "select process, unit, region from finding where process = 'p4'"
    (node,) = failed_nodes(candidate(found(query)))
    assert node.sentence.splitlines()[1:] == ["  process p4"]


def test_a_long_row_is_cut(candidate):
    (node,) = failed_nodes(candidate(found("select repeat('x', 999) as sentence_en")))
    assert node.sentence.endswith("xx…")
    assert len(node.sentence.splitlines()[1]) == 302


def test_what_cannot_be_read_again_is_told_without_rows(candidate):
    (node,) = failed_nodes(candidate(found("select * from gone")))
    assert node.sentence == "dbt test 'closed' failed: Got 5 results"


def test_nodes_that_passed_or_were_skipped_are_not_told(candidate):
    results = [failed(f"model.p.{status}", "x", status=status) for status in ("success", "skipped")]
    assert failed_nodes(candidate(*results)) == []


def test_without_a_record_nothing_is_told(tmp_path):
    assert failed_nodes(tmp_path) == []
