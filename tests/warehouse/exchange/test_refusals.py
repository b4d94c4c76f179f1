"""What an exporter must refuse, each with a sentence that names the dataset and what to do."""

from __future__ import annotations

import zipfile

import polars as pl
import pytest

from tests.warehouse.exchange import background_release as releases
from tests.warehouse.exchange.background_release import FOSSIL, METHANE, UPTAKE, D, uid
from warehouse.exchange import ExchangeError, write_exchange
from warehouse.exchange import write as write_module
from warehouse.exchange.archive import write_archive
from warehouse.exchange.errors import SHOWN
from warehouse.exchange.write import BRIGHTWAY, ILCD, OPENLCA

SCORED = "background_score"


def refused(tmp_path, frames) -> list[str]:
    folder = releases.write(tmp_path / "release", frames)
    with pytest.raises(ExchangeError) as caught:
        write_exchange(folder, releases.FACTS, None)
    assert not (folder / "exports").exists(), "something was written before the refusal"
    for sentence in caught.value.reasons:
        rule, _, words = sentence.partition(": ")
        assert rule.replace("_", "").isalpha()
        assert words.endswith(".")
    return caught.value.reasons


def altered(table: str, where: pl.Expr, **values: object) -> releases.Frames:
    """The small release with some cells of one table changed."""
    frames = releases.small()
    rows = frames[table]
    assert rows.filter(where).height
    return {
        **frames,
        table: rows.with_columns(
            pl.when(where).then(pl.lit(value, rows.schema[name])).otherwise(name).alias(name)
            for name, value in values.items()
        ),
    }


def dataset(name: str) -> pl.Expr:
    return pl.col("dataset_id") == D[name]


def line(name: str, number: int) -> pl.Expr:
    return dataset(name) & (pl.col("exchange_no") == number)


DATASET, EXCHANGE = "background_dataset", "background_exchange"
FLOW, FACTOR, INVENTORY = "elementary_flow", "characterisation_factor", "background_inventory"

DEFECTS = {
    "name missing": (
        altered(DATASET, dataset("coal"), name_en=None), "name_missing", D["coal"]),
    "name of spaces": (
        altered(DATASET, dataset("coal"), name_zh="  "), "name_missing", D["coal"]),
    "English name in Chinese": (
        altered(DATASET, dataset("coal"), name_en="煤"), "name_in_other_language", D["coal"]),
    "technology in Chinese": (
        altered(DATASET, dataset("coal"), technology_en="露天"), "name_in_other_language",
        D["coal"]),
    "name of a merged dataset missing": (
        altered(DATASET, dataset("rebar_any"), name_zh=None), "name_missing", D["rebar_any"]),
    "control character in a code": (
        altered(DATASET, dataset("coal"), national_code="32\x00"), "text_unprintable",
        D["coal"]),
    "control character in a source": (
        altered("source", pl.col("source_id") == "survey", title_en="Sur\x0bvey"),
        "text_unprintable", "survey"),
    "control character in a region": (
        altered("region", pl.col("region_code") == "340000", name_en="An\x1fhui"),
        "text_unprintable", "340000"),
    "control character": (
        altered(DATASET, dataset("coal"), name_en="Co\x07al"), "text_unprintable", D["coal"]),
    "unit unknown": (altered(DATASET, dataset("coal"), unit="t"), "unit_unknown", D["coal"]),
    "unit missing": (altered(DATASET, dataset("coal"), unit=None), "unit_unknown", D["coal"]),
    "version ill-formed": (
        altered(DATASET, dataset("coal"), version_text="1.0"), "version_ill_formed", D["coal"]),
    "location as GB/T 2260": (
        altered(DATASET, dataset("coal"), location_code="CN-340000"), "location_ill_formed",
        D["coal"]),
    "id in capitals": (
        altered(DATASET, dataset("heater"), dataset_id=D["heater"].upper()), "id_ill_formed",
        D["heater"].upper()),
    "licence missing": (
        altered(DATASET, dataset("coal"), licence=None), "text_missing", D["coal"]),
    "disclosure unknown": (
        altered(DATASET, dataset("heater"), disclosure="hidden"), "disclosure_unknown",
        D["heater"]),
    "process type unknown": (
        altered(DATASET, dataset("heater"), process_type="market"), "process_type_unknown",
        D["heater"]),
    "aggregated but a unit process": (
        altered(DATASET, dataset("heater"), disclosure="aggregated"), "aggregated_not_result",
        D["heater"]),
    "withheld with a value": (
        altered(DATASET, dataset("glass_hidden"), value=1.0), "withheld_with_value",
        D["glass_hidden"]),
    "merged into nothing": (
        altered(DATASET, dataset("rebar_any"), merged_into=uid("nobody")), "merged_nowhere",
        D["rebar_any"]),
    "merged into a withheld one": (
        altered(DATASET, dataset("rebar_any"), merged_into=D["glass_hidden"]),
        "merged_into_hidden", D["rebar_any"]),
    "merged in a circle": (
        altered(DATASET, dataset("rebar_any"), merged_into=D["rebar_small"]),
        "merged_in_circle", D["rebar_any"]),
    "product unknown": (
        altered(DATASET, dataset("heater"), product_code="appliance.fridge"), "product_unknown",
        D["heater"]),
    "dangling provider": (
        altered(EXCHANGE, line("heater", 1), provider_id=uid("nobody")), "provider_dangling",
        D["heater"]),
    "provider withheld": (
        altered(EXCHANGE, line("module", 1), provider_id=D["glass_hidden"]), "provider_dangling",
        D["module"]),
    "input without provider": (
        altered(EXCHANGE, line("heater", 1), provider_id=None), "provider_missing", D["heater"]),
    "second product": (
        altered(EXCHANGE, line("board", 6), provider_id=None), "second_product", D["board"]),
    "amount not finite": (
        altered(EXCHANGE, line("heater", 1), amount=float("nan")), "amount_not_a_number",
        D["heater"]),
    "amount missing": (
        altered(EXCHANGE, line("heater", 1), amount=None), "amount_not_a_number", D["heater"]),
    "sigma negative": (
        altered(EXCHANGE, line("heater", 1), sigma=-0.1), "sigma_out_of_range", D["heater"]),
    "sigma absurd": (
        altered(EXCHANGE, line("heater", 1), sigma=50.0), "sigma_out_of_range", D["heater"]),
    "kind unknown": (
        altered(EXCHANGE, line("heater", 1), kind="service"), "kind_unknown", D["heater"]),
    "direction unknown": (
        altered(EXCHANGE, line("heater", 1), direction="in"), "direction_unknown", D["heater"]),
    "origin with a quote": (
        altered(EXCHANGE, line("heater", 1), origin='pri"mary'), "word_ill_formed", D["heater"]),
    "unit of the provider differs": (
        altered(EXCHANGE, line("heater", 2), unit="MJ"), "unit_differs", D["heater"]),
    "unit of the flow differs": (
        altered(EXCHANGE, line("coal", 2), unit="kWh"), "unit_differs", D["coal"]),
    "flow unknown": (
        altered(EXCHANGE, line("coal", 2), flow_id=uid("no flow")), "flow_unknown", D["coal"]),
    "flow missing": (altered(EXCHANGE, line("coal", 2), flow_id=None), "flow_unknown", D["coal"]),
    "uptake as an output": (
        altered(EXCHANGE, line("board", 1), direction="output"), "direction_differs", D["board"]),
    "reference amount not one": (
        altered(EXCHANGE, line("iron", 5), amount=1000.0), "reference_not_one", D["iron"]),
    "exchanges of an aggregated dataset": (
        altered(EXCHANGE, line("heater", 1), dataset_id=D["glass"]), "rows_not_disclosed",
        D["glass"]),
    "exchanges of a withheld dataset": (
        altered(EXCHANGE, line("heater", 1), dataset_id=D["glass_hidden"]), "rows_not_disclosed",
        D["glass_hidden"]),
    "whole inventory of a withheld dataset": (
        altered("background_unallocated", dataset("iron"), dataset_id=D["glass_hidden"]),
        "rows_not_disclosed", D["glass_hidden"]),
    "inventory of a merged dataset": (
        altered(INVENTORY, pl.col("flow_id") == METHANE, dataset_id=D["rebar_any"]),
        "rows_not_disclosed", D["rebar_any"]),
    "score of a withheld dataset": (
        altered(SCORED, dataset("heater"), dataset_id=D["glass_hidden"]), "rows_not_disclosed",
        D["glass_hidden"]),
    "dataset without inventory": (
        altered(EXCHANGE, dataset("slag"), dataset_id=D["steam"], exchange_no=None),
        "inventory_missing", D["slag"]),
    "flow without a name": (
        altered(FLOW, pl.col("flow_id") == FOSSIL, name_zh=None), "name_missing", FOSSIL),
    "flow of an unknown unit": (
        altered(FLOW, pl.col("flow_id") == UPTAKE, unit="t"), "unit_unknown", UPTAKE),
    "CAS number with blanks": (
        altered(FLOW, pl.col("flow_id") == UPTAKE, cas="124 38 9"), "cas_ill_formed", UPTAKE),
    "year of two digits": (
        altered(DATASET, dataset("coal"), year=23), "year_out_of_range", D["coal"]),
    "factor of an unknown flow": (
        altered(FACTOR, pl.col("flow_id") == METHANE, flow_id=uid("no flow")), "flow_unknown",
        "gwp100.ar6.total"),
    "factor missing": (
        altered(FACTOR, pl.col("flow_id") == METHANE, factor=None), "factor_not_a_number",
        METHANE),
    "indicator ill-formed": (
        altered(FACTOR, pl.col("indicator") == "gwp100.ar6.total", indicator="GWP 100"),
        "indicator_ill_formed", "GWP 100"),
    "exchange twice": (
        altered(EXCHANGE, line("heater", 2), exchange_no=1), "key_repeated", D["heater"]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_a_defect_is_a_sentence_that_names_where_it_is(tmp_path, name):
    frames, rule, where = DEFECTS[name]
    if name == "dataset without inventory":
        rows = frames[EXCHANGE].filter(pl.col("exchange_no").is_not_null())
        frames = {**frames, EXCHANGE: rows}
    reasons = refused(tmp_path, frames)
    assert [each for each in reasons if each.startswith(f"{rule}: ") and where in each], reasons
    assert {each.partition(":")[0] for each in reasons} == {rule}


def test_two_datasets_with_one_product_flow_are_refused_by_either_way_of_saying_it(tmp_path):
    frames = releases.small()
    named = frames[DATASET].with_columns(
        product_flow_id=pl.when(dataset("coal") | dataset("grid")).then(pl.lit(uid("one flow")))
    )
    reasons = refused(tmp_path / "column", {**frames, DATASET: named})
    assert [D["coal"] in each or D["grid"] in each for each in reasons] == [True, True]
    assert {each.partition(":")[0] for each in reasons} == {"product_flow_shared"}
    bought = frames[EXCHANGE].with_columns(
        flow_id=pl.when(line("heater", 1) | line("heater", 2))
        .then(pl.lit(uid("one flow")))
        .otherwise("flow_id")
    )
    reasons = refused(tmp_path / "exchange", {**frames, EXCHANGE: bought})
    assert [D["grid"] in each or D["rebar_eaf"] in each for each in reasons] == [True, True]


def test_a_product_flow_that_the_table_names_is_used(tmp_path):
    frames = releases.small()
    named = frames[DATASET].with_columns(
        product_flow_id=pl.when(dataset("coal")).then(pl.lit(uid("coal's own flow")))
    )
    folder = releases.write(tmp_path, {**frames, DATASET: named})
    write_exchange(folder, releases.FACTS, None)
    with zipfile.ZipFile(folder / OPENLCA) as archive:
        assert f"flows/{uid('coal' + chr(39) + 's own flow')}.json" in archive.namelist()


def test_the_general_flow_of_a_product_may_stand_at_every_dataset_of_it(tmp_path):
    frames = releases.small()
    general = frames[EXCHANGE].with_columns(
        flow_id=pl.when(pl.col("provider_id").is_in([D["rebar_bof"], D["rebar_eaf"]]))
        .then(pl.lit(uid("product steel.rebar")))
        .otherwise("flow_id")
    )
    folder = releases.write(tmp_path, {**frames, EXCHANGE: general})
    assert len(write_exchange(folder, releases.FACTS, None)) == 4


@pytest.mark.parametrize("table", [FLOW, FACTOR, EXCHANGE, "product"])
def test_a_table_that_is_missing_is_named(tmp_path, table):
    frames = releases.small()
    del frames[table]
    assert refused(tmp_path, frames)[0].startswith(f"table_missing: the release has {DATASET} but")


def test_a_column_that_is_missing_is_named(tmp_path):
    folder = releases.write(tmp_path, releases.small())
    path = folder / "tables" / f"{EXCHANGE}.parquet"
    pl.read_parquet(path).drop("sigma").write_parquet(path)
    with pytest.raises(ExchangeError, match=f"table {EXCHANGE} has no column sigma"):
        write_exchange(folder, releases.FACTS, None)


def test_a_table_that_is_no_parquet_file_is_named(tmp_path):
    folder = releases.write(tmp_path, releases.small())
    (folder / "tables" / f"{EXCHANGE}.parquet").write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(ExchangeError, match=f"table_unreadable: table {EXCHANGE}"):
        write_exchange(folder, releases.FACTS, None)


def test_many_reasons_are_all_kept_and_the_first_shown(tmp_path):
    frames = releases.small()
    nameless = frames[DATASET].with_columns(name_en=pl.lit(None, pl.String), name_zh=pl.lit(""))
    folder = releases.write(tmp_path, {**frames, DATASET: nameless})
    with pytest.raises(ExchangeError) as caught:
        write_exchange(folder, releases.FACTS, None)
    assert len(caught.value.reasons) == 30
    assert str(caught.value).count("\n") == SHOWN
    assert str(caught.value).endswith("... and 10 more of this kind.")


def test_a_release_without_background_datasets_has_no_exchange_formats(tmp_path):
    folder = releases.write(tmp_path, {"region": releases.small()["region"]})
    assert write_exchange(folder, releases.FACTS, None) == []
    assert not (folder / "exports").exists()


def test_a_release_where_all_is_withheld_is_told(tmp_path):
    frames = releases.small()
    hidden = frames[DATASET].with_columns(disclosure=pl.lit("withheld"), value=None)
    empty = {
        name: frames[name].clear()
        for name in (EXCHANGE, INVENTORY, SCORED, "background_unallocated")
    }
    reasons = refused(tmp_path, {**frames, **empty, DATASET: hidden})
    assert reasons[0].startswith("nothing_published")


def test_what_was_written_is_told_with_size_and_hash(written):
    folder, entries = written
    assert [each.path for each in entries] == sorted(
        [OPENLCA, ILCD, BRIGHTWAY, BRIGHTWAY.replace("background", "characterisation")]
    )
    for each in entries:
        assert (folder / each.path).stat().st_size == each.bytes


def test_steps_are_told_as_they_begin(mine):
    told: list[str] = []
    write_exchange(mine, releases.FACTS, None, told.append)
    assert told[0] == "exchange: read"
    assert told[-1] == "exchange: closure"
    assert len(told) == 6


@pytest.mark.parametrize("name", ["ilcd", "openlca"])
def test_an_archive_with_an_open_end_is_refused(tmp_path, monkeypatch, name):
    whole = {"ilcd": write_module.write_ilcd, "openlca": write_module.write_openlca}[name]

    def without_a_contact(system, path):
        whole(system, tmp_path / "whole.zip")
        with zipfile.ZipFile(tmp_path / "whole.zip") as archive:
            kept = [each for each in archive.namelist() if "/contacts/" not in each]
            kept = [each for each in kept if not each.startswith("actors/")]
            return write_archive(path, [(each, archive.read(each)) for each in kept])

    monkeypatch.setattr(write_module, f"write_{name}", without_a_contact)
    folder = releases.write(tmp_path / "release", releases.small())
    with pytest.raises(ExchangeError, match=f"closure_{name}: .*which is missing"):
        write_exchange(folder, releases.FACTS, None)
