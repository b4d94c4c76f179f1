"""The openLCA package, as olca-schema, Brightway and TIDAS read it."""

from __future__ import annotations

import json
import math
import re
import zipfile

import olca_schema as olca
import pytest
from olca_schema import units as olca_units
from olca_schema import zipio

from tests.warehouse.exchange import background_release as releases
from tests.warehouse.exchange.background_release import D
from tests.warehouse.exchange.conftest import HERE
from warehouse.exchange.identity import product_flow_of
from warehouse.exchange.units import POWER, UNITS

PACKAGE = "exports/openlca/background.zip"
TYPES = {
    "actors": olca.Actor, "dq_systems": olca.DQSystem, "flow_properties": olca.FlowProperty,
    "flows": olca.Flow, "lcia_categories": olca.ImpactCategory,
    "lcia_methods": olca.ImpactMethod, "locations": olca.Location, "processes": olca.Process,
    "sources": olca.Source, "unit_groups": olca.UnitGroup,
}  # fmt: skip
HAN = re.compile(r"[\u4e00-\u9fff]")
SHOWN = sorted(set(D) - {"rebar_any", "rebar_small", "glass_hidden"})


@pytest.fixture(scope="module")
def documents(small):
    with zipfile.ZipFile(small / PACKAGE) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


@pytest.fixture(scope="module")
def process(documents):
    return lambda name: documents[f"processes/{D[name]}.json"]


def exchange_of(process, flow):
    return next(each for each in process["exchanges"] if each["flow"]["@id"] == flow)


def test_olca_schema_reads_every_document_back_without_loss(small, documents):
    read = 0
    with zipio.ZipReader(small / PACKAGE) as reader:
        for folder, kind in TYPES.items():
            for identifier in reader.ids_of(kind):
                entity = reader.read(kind, identifier)
                assert entity.to_dict() == documents[f"{folder}/{identifier}.json"]
                read += 1
    assert read == len(documents) - 2
    assert documents["olca-schema.json"] == {"version": 2}
    assert documents["openlca.json"] == {"schemaVersion": 5}


def test_open_and_aggregated_datasets_are_there_merged_and_withheld_ones_are_not(documents):
    processes = {name.split("/")[1][:-5] for name in documents if name.startswith("processes/")}
    assert processes == {D[name] for name in SHOWN}
    everything = json.dumps(documents)
    assert D["glass_hidden"] not in everything
    kinds = {name: documents[f"processes/{D[name]}.json"]["processType"] for name in SHOWN}
    assert {name for name, kind in kinds.items() if kind == "LCI_RESULT"} == {"glass"}


def test_whoever_bought_from_a_merged_dataset_buys_from_its_parent(process):
    for buyer in ("scrap", "road"):
        sold = exchange_of(process(buyer), product_flow_of(D["rebar_bof"]))
        assert sold["defaultProvider"]["@id"] == D["rebar_bof"]
    assert D["rebar_any"] in process("rebar_bof")["description"]
    assert D["rebar_small"] in process("rebar_bof")["description"]


def test_each_process_has_one_product_of_its_own_and_every_input_a_provider(documents):
    flows = set()
    for name in SHOWN:
        process = documents[f"processes/{D[name]}.json"]
        products = [
            each
            for each in process["exchanges"]
            if each["flow"]["flowType"] == "PRODUCT_FLOW" and not each["isInput"]
        ]
        assert len(products) == 1
        assert products[0]["isQuantitativeReference"]
        assert (products[0]["amount"], products[0]["internalId"]) == (1.0, 1)
        flows.add(products[0]["flow"]["@id"])
        for each in process["exchanges"]:
            bought = each["isInput"] and each["flow"]["flowType"] == "PRODUCT_FLOW"
            assert ("defaultProvider" in each) == bought
        assert process["lastInternalId"] == len(process["exchanges"])
        numbers = [each["internalId"] for each in process["exchanges"]]
        assert numbers == list(range(1, len(numbers) + 1))
    assert len(flows) == len(SHOWN)


def test_units_and_properties_carry_the_identifiers_of_openlca():
    for symbol, unit in UNITS.items():
        if unit.property is POWER:
            assert olca_units.unit_ref("W") is None, "the list has watt now: use its identifier"
            continue
        name = "Item(s)" if symbol == "item" else symbol
        assert olca_units.unit_ref(name).id == unit.unit_id
        assert olca_units.group_ref(name).id == unit.property.group_id
        assert olca_units.property_ref(name).id == unit.property.property_id
        assert olca_units.property_ref(name).name == unit.property.name


def test_every_unit_group_has_one_reference_unit(documents):
    groups = [each for name, each in documents.items() if name.startswith("unit_groups/")]
    assert len(groups) == 7
    for group in groups:
        reference = [unit for unit in group["units"] if unit["isRefUnit"]]
        assert [unit["conversionFactor"] for unit in reference] == [1.0]
    energy = documents["unit_groups/93a60a57-a3c8-11da-a746-0800200c9a66.json"]
    assert {unit["name"]: unit["conversionFactor"] for unit in energy["units"]} == {
        "MJ": 1.0,
        "kWh": 3.6,
    }


def test_what_belongs_to_everybody_never_replaces_what_a_user_has(documents):
    for name, document in documents.items():
        foreign = name.split("/")[0] in {"unit_groups", "flow_properties", "locations"}
        if foreign or document.get("flowType") == "ELEMENTARY_FLOW":
            assert document["version"] == "00.00.000"
            assert "lastChange" not in document


def test_uncertainty_is_lognormal_around_the_amount(process):
    fuel = exchange_of(process("grid"), product_flow_of(D["coal"]))
    assert fuel["amount"] == 0.45
    assert fuel["uncertainty"] == {
        "distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": 0.45,
        "geomSd": pytest.approx(math.exp(0.05), rel=1e-11),
    }  # fmt: skip
    own_use = exchange_of(process("grid"), product_flow_of(D["grid"]))
    assert own_use["isInput"] or own_use["isQuantitativeReference"]
    assert "uncertainty" not in exchange_of(process("heater"), releases.METHANE)


def test_a_credit_is_an_input_of_negative_amount(process):
    credit = exchange_of(process("board"), product_flow_of(D["steam"]))
    assert (credit["isInput"], credit["isAvoidedProduct"]) == (True, False)
    assert credit["amount"] == -850.0
    assert credit["uncertainty"]["geomMean"] == 850.0


def test_scores_of_exchanges_stand_in_order_and_missing_ones_say_so(process):
    assert exchange_of(process("grid"), releases.FOSSIL)["dqEntry"] == "(1;2;2;n.a.)"
    assert "dqEntry" not in exchange_of(process("rebar_eaf"), releases.FOSSIL)
    assert process("grid")["dqEntry"] == "(1;2;2;n.a.)"


def test_a_waste_with_treatment_buys_it_and_one_without_is_told(process):
    slag = exchange_of(process("iron"), product_flow_of(D["slag"]))
    assert (slag["isInput"], slag["amount"]) == (True, 0.31)
    assert (
        "Wastes without a treatment data set are left out here (1)"
        in (process("iron")["description"])
    )
    assert "Wastes without" not in process("grid")["description"]


def test_a_demo_release_says_so_first(process):
    for name in SHOWN:
        assert process(name)["description"].startswith(
            "Release 2023.12.0, channel demo - some figures of this release are synthetic"
        )


def test_texts_are_english_and_the_first_tag_is_the_chinese_name(documents):
    for name, document in documents.items():
        folder = name.split("/")[0]
        if folder in {"processes", "flows", "sources"}:
            tags = document.pop("tags")
            assert HAN.search(tags[0])
            assert not [tag for tag in tags if "," in tag]
            assert not HAN.search(json.dumps(document, ensure_ascii=False))
            document["tags"] = tags


def test_one_method_for_each_gwp_set_and_one_category_for_each_indicator(documents):
    methods = [each for name, each in documents.items() if name.startswith("lcia_methods/")]
    assert sorted(each["code"] for each in methods) == ["ar5", "ar6"]
    for method in methods:
        assert len(method["impactCategories"]) == 5
        assert {"description", "version", "lastChange"} <= set(method)
    categories = {
        each["code"]: each
        for name, each in documents.items()
        if name.startswith("lcia_categories/")
    }
    values = {
        each["flow"]["@id"]: each["value"]
        for each in categories["gwp100.ar6.total"]["impactFactors"]
    }
    assert values[releases.METHANE] == 29.8
    assert values[releases.UPTAKE] == -1.0
    assert categories["gwp100.ar6.total"]["refUnit"] == "kg CO2e"


def test_allocation_factors_are_named_with_the_table_of_the_whole(process):
    said = process("iron")["description"]
    assert "allocation by mass" in said
    assert "fuel.bf_gas (mass): 0.06, steel.iron (mass): 0.94" in said
    assert "background_unallocated" in said


def test_brightway_imports_it_links_all_and_scores_as_we_do(unpacked, consume, tmp_path):
    script = HERE / "consumers" / "brightway_import.py"
    done = consume(script, unpacked / "openlca", tmp_path / "found.json")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["unlinked"] == 0
    assert (found["processes"], found["products"]) == (len(SHOWN), len(SHOWN))
    ours = releases.scores(releases.small())
    units = dict(releases.small()["background_dataset"].select("dataset_id", "unit").iter_rows())
    assert len(ours) == len(SHOWN) * 10
    for (dataset, indicator), score in ours.items():
        # bw2io counts in reference units, so one unit of electricity is one MJ there.
        per_unit = UNITS[units[dataset]].factor
        theirs = found["scores"][product_flow_of(dataset)][indicator] * per_unit
        assert theirs == pytest.approx(score, rel=1e-6, abs=1e-12)


def test_tidas_imports_it_without_an_error(small, consume, tmp_path):
    done = consume(
        "-m", "tidas_tools.import_lca.cli", "--input", small / PACKAGE, "--output-dir",
        tmp_path / "out", "--from-format", "openlca-jsonld", "--target", "both",
        "--no-process-bundles",
    )  # fmt: skip
    report = json.loads((tmp_path / "out" / "conversion-report.json").read_text())
    assert done.returncode == 0, report["issues"]
    assert report["summary"]["errors"] == 0
    assert report["summary"]["processes"] == len(SHOWN)
    assert set(report["validation"]) == {"tidas", "ilcd"}
    converted = json.loads((tmp_path / f"out/tidas/processes/{D['grid']}.json").read_text())
    text = json.dumps(converted)
    assert "CN-AH" in text
    # GSD^2 of sigma 0.05, as TIDAS derives it from our geometric standard deviation.
    assert '"relativeStandardDeviation95In": "1.105"' in text
