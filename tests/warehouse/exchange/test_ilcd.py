"""The ILCD package, as its schemas, TIDAS and a reader that follows references see it."""

from __future__ import annotations

import json
import math
import shutil
import zipfile

import polars as pl
import pytest
from lxml import etree

from tests.warehouse.exchange import background_release as releases
from tests.warehouse.exchange.background_release import D
from warehouse.exchange import closure, read_system
from warehouse.exchange.identity import product_flow_of
from warehouse.exchange.ilcd import write_ilcd
from warehouse.exchange.ilcd_support import KINDS

PACKAGE = "exports/ilcd/background.zip"
NAMES = {
    "contacts": "Contact", "flowproperties": "FlowProperty", "flows": "Flow",
    "lciamethods": "LCIAMethod", "processes": "Process", "sources": "Source",
    "unitgroups": "UnitGroup",
}  # fmt: skip
SPACES = {
    "p": "http://lca.jrc.it/ILCD/Process", "f": "http://lca.jrc.it/ILCD/Flow",
    "m": "http://lca.jrc.it/ILCD/LCIAMethod", "c": "http://lca.jrc.it/ILCD/Common",
}  # fmt: skip


@pytest.fixture(scope="module")
def trees(small):
    with zipfile.ZipFile(small / PACKAGE) as archive:
        return {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}


@pytest.fixture(scope="module")
def process(trees):
    return lambda name: trees[f"ILCD/processes/{D[name]}_01.00.000.xml"]


def texts(tree, path):
    return tree.xpath(f"{path}/text()", namespaces=SPACES)


def exchange_of(tree, flow):
    path = f"//p:exchange[p:referenceToFlowDataSet/@refObjectId='{flow}']"
    return tree.xpath(path, namespaces=SPACES)


def test_every_data_set_is_valid_against_the_schema_of_its_kind(trees, schemas):
    validators = {
        folder: etree.XMLSchema(etree.parse(schemas / f"ILCD_{name}DataSet.xsd"))
        for folder, name in NAMES.items()
    }
    locations = etree.XMLSchema(etree.parse(schemas / "ILCD_Locations.xsd"))
    seen = set()
    for name, tree in trees.items():
        folder = name.split("/")[1]
        validator = locations if folder == "ILCDLocations.xml" else validators[folder]
        validator.assertValid(tree)
        seen.add(folder)
    assert seen == {"ILCDLocations.xml", *NAMES}
    broken = etree.fromstring(etree.tostring(trees[f"ILCD/processes/{D['grid']}_01.00.000.xml"]))
    broken.xpath("//p:meanAmount", namespaces=SPACES)[0].text = "many"
    assert not validators["processes"].validate(broken)


def test_tidas_finds_no_fault(unpacked, consume):
    done = consume(
        "-m", "tidas_tools.validate", "--input-dir", unpacked / "ilcd" / "ILCD",
        "--data-format", "ilcd", "--report-format", "json",
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"]) == (0, True), report["issues"]
    judged = {each["category"] for each in report["categories"]}
    assert judged == {*NAMES, "locations"}


def test_converted_to_tidas_only_the_year_is_text_instead_of_a_number(unpacked, consume, tmp_path):
    """XML has no numbers: the converter leaves `"2023"` where the JSON schema wants 2023."""
    converted = consume(
        "-m", "tidas_tools.convert", "--input-dir", unpacked / "ilcd" / "ILCD", "--output-dir",
        tmp_path / "tidas", "--to-tidas",
    )  # fmt: skip
    assert converted.returncode == 0, converted.stderr
    done = consume(
        "-m", "tidas_tools.validate", "--input-dir", tmp_path / "tidas" / "data",
        "--data-format", "tidas", "--report-format", "json",
    )  # fmt: skip
    report = json.loads(done.stdout)
    issues = {(each["category"], each["location"], each["message"]) for each in report["issues"]}
    where = "processDataSet/processInformation/time/common:referenceYear"
    assert issues == {
        ("processes", where, f"Schema Error at {where}: '2023' is not of type 'integer'")
    }


def test_the_package_is_closed(small):
    assert closure.of_ilcd(small / PACKAGE) == []
    assert closure.of_openlca(small / "exports/openlca/background.zip") == []


def _without(archive, target, name):
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as copy:
        for member in source.namelist():
            if member != name:
                copy.writestr(member, source.read(member))


def _members(archive, folder):
    with zipfile.ZipFile(archive) as package:
        return [name for name in package.namelist() if f"{folder}/" in name]


@pytest.mark.parametrize("folder", sorted(set(KINDS) - {"processes"}))
def test_any_referenced_file_that_is_removed_is_missed(small, trees, tmp_path, folder):
    referred = {found for tree in trees.values() for found in tree.xpath("//@refObjectId")}
    for number, name in enumerate(_members(small / PACKAGE, folder)):
        target = tmp_path / f"{number}.zip"
        _without(small / PACKAGE, target, name)
        found = closure.of_ilcd(target)
        flow = name.split("/")[2].split("_")[0]
        used = flow in referred
        assert bool(found) == used
        if used:
            assert "which is missing" in found[0]
            assert flow in found[0]


@pytest.mark.parametrize("folder", ["flows", "unit_groups", "locations", "actors", "processes"])
def test_a_file_removed_from_the_openlca_package_is_missed(small, tmp_path, folder):
    archive = small / "exports/openlca/background.zip"
    name = f"processes/{D['grid']}.json" if folder == "processes" else _members(archive, folder)[0]
    _without(archive, tmp_path / "a.zip", name)
    found = closure.of_openlca(tmp_path / "a.zip")
    assert found
    if folder != "unit_groups":
        assert "which is missing" in " ".join(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"<referenceToReferenceFlow>1<", b"<referenceToReferenceFlow>99<", "none of its exchang"),
        (b'version="00.00.000" uri="../flows', b'version="00.00.001" uri="../flows', "is missing"),
        (b'uri="../flows/', b'uri="../flow/', "not where it is"),
        (b"<common:dataSetVersion>01.00.000<", b"<common:dataSetVersion>02.00.000<", "its name"),
    ],
)
def test_a_reference_that_is_wrong_in_any_part_is_missed(small, tmp_path, old, new, said):
    name = f"ILCD/processes/{D['grid']}_01.00.000.xml"
    with (
        zipfile.ZipFile(small / PACKAGE) as source,
        zipfile.ZipFile(tmp_path / "a.zip", "w") as copy,
    ):
        for member in source.namelist():
            content = source.read(member)
            if member == name:
                assert old in content
                content = content.replace(old, new)
            copy.writestr(member, content)
    assert said in " ".join(closure.of_ilcd(tmp_path / "a.zip"))


def test_amounts_count_in_the_reference_unit_of_the_flow(process):
    electricity = product_flow_of(D["grid"])
    own = exchange_of(process("grid"), electricity)
    amounts = [float(each.find("p:meanAmount", SPACES).text) for each in own]
    assert sorted(amounts) == [pytest.approx(0.04 * 3.6), 3.6]
    steel = exchange_of(process("rebar_eaf"), electricity)[0]
    assert float(steel.find("p:meanAmount", SPACES).text) == pytest.approx(0.52 * 3.6, rel=1e-15)
    assert steel.findtext("p:exchangeDirection", None, SPACES) == "Input"
    assert [
        each.findtext("p:meanAmount", None, SPACES)
        for each in exchange_of(process("board"), product_flow_of(D["steam"]))
    ] == ["-850.0"]


def test_uncertainty_is_the_square_of_the_geometric_standard_deviation(process):
    methane = exchange_of(process("coal"), releases.METHANE)[0]
    assert methane.findtext("p:uncertaintyDistributionType", None, SPACES) == "log-normal"
    stated = float(methane.findtext("p:relativeStandardDeviation95In", None, SPACES))
    assert stated == round(math.exp(2 * 0.5), 3)
    assert methane.findtext("p:dataDerivationTypeStatus", None, SPACES) == "Estimated"
    own_use = exchange_of(process("heater"), product_flow_of(D["grid"]))[0]
    assert own_use.find("p:uncertaintyDistributionType", SPACES) is None


def test_a_very_wide_uncertainty_still_fits_the_five_digits_of_the_schema(tmp_path, schemas):
    frames = releases.random_release(12, 3)
    spread = frames["background_exchange"].with_row_index("n").with_columns(
        sigma=pl.col("n") % 51 / 10.0
    ).drop("n")  # fmt: skip
    folder = releases.write(tmp_path, {**frames, "background_exchange": spread})
    write_ilcd(read_system(folder, releases.FACTS), tmp_path / "a.zip")
    validator = etree.XMLSchema(etree.parse(schemas / "ILCD_ProcessDataSet.xsd"))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for name in archive.namelist():
            if "/processes/" in name:
                validator.assertValid(etree.fromstring(archive.read(name)))


def test_texts_stand_in_both_languages(trees):
    for name, tree in trees.items():
        if "/processes/" in name:
            for path in ("//p:baseName", "//c:generalComment", "//p:mixAndLocationTypes"):
                nodes = tree.xpath(path, namespaces=SPACES)
                spoken = [each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in nodes]
                assert spoken == ["en", "zh"]


def test_quality_indicators_say_what_is_rated_and_what_is_not(process):
    rated = {
        each.get("name"): each.get("value")
        for each in process("grid").iter("{http://lca.jrc.it/ILCD/Common}dataQualityIndicator")
    }
    assert rated == {
        "Technological representativeness": "Very good",
        "Geographical representativeness": "Good",
        "Time representativeness": "Good",
        "Precision": "Not evaluated / unknown",
        "Overall quality": "Good",
    }


def test_results_of_every_indicator_stand_in_the_data_set(process):
    ours = releases.scores(releases.small())
    tree = process("glass")
    assert texts(tree, "//p:typeOfDataSet") == ["LCI result"]
    results = tree.findall(".//p:LCIAResult", SPACES)
    assert len(results) == 10
    for result in results:
        indicator = result.findtext(".//c:shortDescription", None, SPACES)
        value = float(result.findtext("p:meanAmount", None, SPACES))
        assert value == ours[D["glass"], indicator]


def test_a_yearly_volume_is_never_told(process):
    for name in ("grid", "glass", "board"):
        said = texts(process(name), "//p:annualSupplyOrProductionVolume")
        assert "is the reference flow; the yearly volume is not published" in said[0]


def test_names_with_marks_of_xml_are_escaped(process, trees):
    names = texts(process("board"), "//p:baseName")
    assert names[0] == "Particle board & <MDF>, any, Anhui (board)"
    shorts = [text for tree in trees.values() for text in texts(tree, "//c:shortName")]
    assert 'Yearbook "2023" & tables' in shorts
    assert "统计年鉴 <2023>" in shorts


def test_the_copy_that_users_unpack_holds_the_same_files(small, unpacked, tmp_path):
    shutil.copy(small / PACKAGE, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for name in archive.namelist():
            assert (unpacked / "ilcd" / name).read_bytes() == archive.read(name)
