"""Background datasets as an ILCD package: XML data sets of format 1.1 in a zip archive.

Belongs here: the data sets of processes, flows and impact methods, and the order of their elements,
which the schema fixes. Does not belong here: data sets that describe no figure (`ilcd_support`).

The schema lets much pass that a reader cannot use, so the package keeps to the required set of
TIDAS: names in three parts, reference year, location, technology, quantitative reference, sources,
compliance, ownership, licence. `closure` then reads the archive and follows every reference.

An ILCD amount has no unit: it counts in the reference unit of the flow's property. Electricity is
therefore in MJ (1 kWh = 3.6), in the reference product as in every input. Uncertainty is the square
of the geometric standard deviation, which is what `relativeStandardDeviation95In` means for
log-normal. The format has no place for a provider or a data quality score of one exchange: the
provider stands in its comment. A review that names neither reviewer nor scope is none in this
format, and the tables name neither: every data set says "Not reviewed" with its status in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.exchange import ilcd_support as support
from warehouse.exchange import words
from warehouse.exchange.archive import write_archive
from warehouse.exchange.identity import FOREIGN, OWN
from warehouse.exchange.ilcd_support import DataSet, reference
from warehouse.exchange.openlca import category_id, reference_unit
from warehouse.exchange.system import ExchangeSystem
from warehouse.exchange.units import MASS, UNITS
from warehouse.exchange.words import Text
from warehouse.exchange.xml_text import both, element, escaped, tagged, value
from warehouse.formats import facts as database

LOCATIONS = "ILCD/ILCDLocations.xml"

APPROACHES: Mapping[str, str] = {
    "mass": "Allocation - mass",
    "energy": "Allocation - net calorific value",
    "economic": "Allocation - market value",
    "system_expansion": "Substitution - average, no correction",
    "none": "Not applicable",
}

_DERIVATION = {"primary": "Calculated", "statistics": "Calculated", "default": "Estimated"}
_SOURCE_TYPE = {"primary": "Primary", "statistics": "Secondary", "default": "Secondary"}

Row = Mapping[str, Any]


def write_ilcd(system: ExchangeSystem, path: Path) -> int:
    """Write the package to a new file and return the number of its members."""
    return write_archive(path, _members(system))


def _members(system: ExchangeSystem) -> Iterator[tuple[str, bytes]]:
    yield LOCATIONS, _locations(system)
    folders: dict[str, list[DataSet]] = {
        "contacts": support.contacts(system),
        "flowproperties": support.flow_properties(system),
        "flows": [*_product_flows(system), *_elementary_flows(system)],
        "lciamethods": _methods(system),
        "sources": support.sources(system),
        "unitgroups": support.unit_groups(system),
    }
    for folder in sorted([*folders, "processes"]):
        if folder == "processes":
            yield from ((each.member, each.content) for each in _processes(system))
        else:
            ordered = sorted(folders[folder], key=lambda each: each.member)
            yield from ((each.member, each.content) for each in ordered)


def _locations(system: ExchangeSystem) -> bytes:
    rows = system.datasets.select("location_code", "region_en").unique(
        "location_code", keep="first", maintain_order=True
    )
    listed = "".join(
        tagged("location", {"value": code}, (escaped(name),))
        for code, name in rows.sort("location_code").iter_rows()
    )
    return support.document(
        element("ILCDLocations", listed, xmlns="http://lca.jrc.it/ILCD/Locations")
    )


def _product_ref(row: Row) -> str:
    return reference(
        "referenceToFlowDataSet", "flows", row["flow_id"], row["version_text"],
        Text(row["name_en"], row["name_zh"]),
    )  # fmt: skip


def _elementary_ref(row: Row) -> str:
    return reference(
        "referenceToFlowDataSet", "flows", row["flow_id"], FOREIGN,
        Text(row["name_en"], row["name_zh"]),
    )  # fmt: skip


def _classified(row: Row) -> str:
    """Return the classifications of a product: its chain, and each code the tables state."""
    chain = _classification("Industry chain", [row["chain"], row["product_code"]])
    stated = [_classification(system, [code[:2], code]) for system, code in words.classes(row)]
    # TIDAS reads a single classification as UN CPC, so the chain is told in two systems at least.
    region = _classification("Region", ["CN", row["region_code"] or row["location_code"]])
    return element("classificationInformation", chain, region, *stated)


def _classification(system: str, path: Sequence[str]) -> str:
    levels = "".join(
        tagged("common:class", {"level": str(level), "classId": code}, (escaped(code),))
        for level, code in enumerate(path)
    )
    return tagged("common:classification", {"name": system}, (levels,))


def _named(row: Row, last: str) -> str:
    per = Text(f"1 {row['unit']}", f"1 {row['unit']}")
    return element(
        "name",
        both("baseName", Text(row["name_en"], row["name_zh"]), 500),
        both("treatmentStandardsRoutes", words.technology(row), 500),
        both("mixAndLocationTypes", words.mix(row), 500),
        both(last, per, 500),
    )


def _product_flows(system: ExchangeSystem) -> list[DataSet]:
    return [
        support.flow(
            system,
            row["flow_id"],
            row["version_text"],
            element(
                "dataSetInformation",
                value("common:UUID", row["flow_id"]),
                _named(row, "flowProperties"),
                _classified(row),
                both(
                    "common:generalComment",
                    Text(
                        f"Product of data set {row['dataset_id']}.",
                        f"数据集 {row['dataset_id']} 的产品。",
                    ),
                ),
            ),
            "Product flow",
            row["unit"],
            str(row["known_at"]),
        )
        for row in system.datasets.iter_rows(named=True)
    ]


def _elementary_flows(system: ExchangeSystem) -> list[DataSet]:
    return [
        support.flow(
            system,
            row["flow_id"],
            FOREIGN,
            element(
                "dataSetInformation",
                value("common:UUID", row["flow_id"]),
                element(
                    "name",
                    both("baseName", Text(row["name_en"], row["name_zh"]), 500),
                    both("treatmentStandardsRoutes", Text("not applicable", "不适用")),
                    both("mixAndLocationTypes", Text("not applicable", "不适用")),
                ),
                element(
                    "classificationInformation",
                    element("common:elementaryFlowCategorization", *_categories(row)),
                ),
                value("CASNumber", row["cas"].lstrip("0")) if row["cas"] else "",
                value("sumFormula", row["formula"]) if row["formula"] else "",
                both(
                    "common:generalComment",
                    Text(
                        f"Carbon origin: {row['carbon_origin'] or 'none'}. "
                        f"Identifier: {row['id_origin'] or 'not stated'}.",
                        f"碳来源：{row['carbon_origin'] or '无'}；标识来源见 elementary_flow 表。",
                    ),
                ),
            ),
            "Elementary flow",
            row["unit"],
            system.day,
        )
        for row in system.flows.iter_rows(named=True)
    ]


def _categories(row: Row) -> list[str]:
    """Return the ILCD path of an elementary flow's compartment, each level with its code."""
    place = row["compartment"].lower()
    if row["direction"] == "input":
        path = [("2", "Resources"), ("2.3", "Resources from air"),
                ("2.3.7", "Renewable resources from air, unspecified")]  # fmt: skip
        if "air" not in place:
            path = [("4", "Other elementary flows")]
    elif "water" in place:
        path = [("1", "Emissions"), ("1.1", "Emissions to water"),
                ("1.1.3", "Emissions to water, unspecified")]  # fmt: skip
    elif "soil" in place:
        path = [("1", "Emissions"), ("1.2", "Emissions to soil"),
                ("1.2.3", "Emissions to soil, unspecified")]  # fmt: skip
    elif "air" in place:
        path = [("1", "Emissions"), ("1.3", "Emissions to air"),
                ("1.3.4", "Emissions to air, unspecified")]  # fmt: skip
    else:
        path = [("4", "Other elementary flows")]
    return [
        tagged("common:category", {"level": str(level), "catId": code}, (escaped(name),))
        for level, (code, name) in enumerate(path)
    ]


def _methods(system: ExchangeSystem) -> list[DataSet]:
    met = system.factors.join(
        system.flows.drop("unit").rename({"direction": "flow_direction"}), on="flow_id"
    ).sort("indicator", "flow_id")
    return [
        _method(system, str(indicator), list(rows.iter_rows(named=True)))
        for (indicator,), rows in met.group_by("indicator", maintain_order=True)
    ]


def _method_ref(indicator: str) -> str:
    return reference(
        "referenceToLCIAMethodDataSet", "lciamethods", category_id(indicator), OWN,
        Text(indicator, f"指标 {indicator}"),
    )  # fmt: skip


def _method(system: ExchangeSystem, indicator: str, rows: Sequence[Row]) -> DataSet:
    gwp_set, unit = str(rows[0]["gwp_set"]).upper(), reference_unit(system, indicator)
    identifier = category_id(indicator)
    about = Text(
        f"Global warming potential over 100 years, {gwp_set}, indicator {indicator}, in {unit}.",
        f"100 年全球变暖潜势，{gwp_set}，指标 {indicator}，单位 {unit}。",
    )
    year = Text(f"IPCC {gwp_set}", f"政府间气候变化专门委员会 {gwp_set}")
    information = element(
        "LCIAMethodInformation",
        element(
            "dataSetInformation",
            value("common:UUID", identifier),
            both("common:name", Text(f"{indicator}, {unit}", f"指标 {indicator}，{unit}"), 500),
            value("methodology", "IPCC GWP 100"),
            element(
                "classificationInformation",
                element(
                    "common:classification",
                    tagged("common:class", {"level": "0", "classId": "2"},
                           ("Midpoint level LCIA methods",)),
                    tagged("common:class", {"level": "1", "classId": "2.2"}, ("Climate change",)),
                ),
            ),
            value("impactCategory", "Climate change"),
            value("impactIndicator", f"{indicator}, {unit}"),
            both("common:generalComment", about),
        ),
        element(
            "quantitativeReference",
            reference("referenceQuantity", "flowproperties", MASS.property_id, FOREIGN,
                      Text(f"{MASS.name} ({unit})", f"{MASS.name_zh}（{unit}）")),
        ),
        element(
            "time",
            both("referenceYear", year),
            both("duration", Text("100 years", "100 年")),
            both("timeRepresentativenessDescription", about),
        ),
        element(
            "geography",
            both("geographicalRepresentativenessDescription", Text("global", "全球")),
        ),
        element(
            "impactModel",
            value("modelName", f"Global warming potential, 100 years, {gwp_set}"),
            both("modelDescription", about),
        ),
    )  # fmt: skip
    factors = "".join(
        element(
            "factor",
            _elementary_ref(row),
            value("exchangeDirection", row["flow_direction"].capitalize()),
            value("meanValue", row["factor"]),
            value("deviatingRecommendation", "Interim"),
        )
        for row in rows
    )
    return support.impact_method(system, identifier, information, factors)


def _fragments(system: ExchangeSystem) -> pl.DataFrame:
    """Render the reference to each flow once."""
    return pl.DataFrame(
        {
            "flow_id": [*system.datasets["flow_id"], *system.flows["flow_id"]],
            "flow": [
                *(_product_ref(row) for row in system.datasets.iter_rows(named=True)),
                *(_elementary_ref(row) for row in system.flows.iter_rows(named=True)),
            ],
        },
        schema={"flow_id": pl.String, "flow": pl.String},
    )


def _providers(system: ExchangeSystem) -> pl.DataFrame:
    rows = system.datasets.select("dataset_id", "name_en", "name_zh").iter_rows()
    said = [
        (
            dataset_id,
            both(
                "generalComment",
                Text(f"Provider: {en[:400]} ({dataset_id})", f"供应数据集：{zh[:400]}"),
                500,
            ),
        )
        for dataset_id, en, zh in rows
    ]
    return pl.DataFrame(
        said, schema={"provider_id": pl.String, "provider": pl.String}, orient="row"
    )


def _exchange_texts(system: ExchangeSystem) -> dict[str, str]:
    """Return the exchanges of each dataset as one XML text, written column by column."""
    factors = pl.DataFrame(
        {"unit": list(UNITS), "factor": [unit.factor for unit in UNITS.values()]}
    )
    amount = pl.col("amount") * pl.col("factor")
    shown = pl.concat_str(pl.lit("<meanAmount>"), amount.cast(pl.String), pl.lit("</meanAmount>"))
    again = shown.str.replace_all("meanAmount", "resultingAmount", literal=True)
    has_spread = (pl.col("sigma") > 0) & (pl.col("amount") != 0)
    derived = pl.col("origin").replace_strict(
        _DERIVATION, default="Unknown derivation", return_dtype=pl.String
    )
    kind = pl.col("origin").replace_strict(_SOURCE_TYPE, default=None, return_dtype=pl.String)
    text = pl.concat_str(
        pl.lit('<exchange dataSetInternalID="'), pl.col("position").cast(pl.String), pl.lit('">'),
        pl.col("flow"),
        pl.lit("<exchangeDirection>"),
        pl.when("is_input").then(pl.lit("Input")).otherwise(pl.lit("Output")),
        pl.lit("</exchangeDirection>"),
        shown, again,
        pl.when(has_spread).then(
            pl.concat_str(
                pl.lit(
                    "<uncertaintyDistributionType>log-normal</uncertaintyDistributionType>"
                    "<relativeStandardDeviation95In>"
                ),
                _squared_deviation(pl.col("sigma")),
                pl.lit("</relativeStandardDeviation95In>"),
            )
        ).otherwise(pl.lit("")),
        pl.when(kind.is_not_null()).then(
            pl.concat_str(pl.lit("<dataSourceType>"), kind, pl.lit("</dataSourceType>"))
        ).otherwise(pl.lit("")),
        pl.lit("<dataDerivationTypeStatus>"),
        pl.when(pl.col("origin").is_null()).then(pl.lit("Calculated")).otherwise(derived),
        pl.lit("</dataDerivationTypeStatus>"),
        pl.col("provider").fill_null(""),
        pl.lit("</exchange>"),
    )  # fmt: skip
    rendered = (
        system.exchanges.join(_fragments(system), on="flow_id", how="left")
        .join(_providers(system), on="provider_id", how="left")
        .join(factors, on="unit", how="left")
        .sort("dataset_id", "position")
        .select("dataset_id", text=text)
        .group_by("dataset_id", maintain_order=True)
        .agg(pl.col("text").str.join(""))
    )
    return dict(rendered.iter_rows())


def _squared_deviation(sigma: pl.Expr) -> pl.Expr:
    """Return GSD^2 = exp(2 sigma) with the five digits, three of them decimals, the schema has."""
    squared = (2.0 * sigma).exp()
    return (
        pl.when(squared < 99.9995).then(squared.round(3).cast(pl.String))
        .when(squared < 9999.95).then(squared.round(1).cast(pl.String))
        .otherwise(squared.round(0).cast(pl.Int64).cast(pl.String))
    )  # fmt: skip


def _processes(system: ExchangeSystem) -> Iterator[DataSet]:
    exchanges = _exchange_texts(system)
    merged = system.merged.rows_by_key("parent_id", named=True)
    scores = system.scores.rows_by_key("dataset_id", named=True)
    known = set(system.indicators)
    cited = {source.source_id for source in system.sources}
    for row in system.datasets.iter_rows(named=True):
        dataset_id = row["dataset_id"]
        results = "".join(
            element(
                "LCIAResult",
                _method_ref(each["indicator"]),
                value("meanAmount", each["value"]),
            )
            for each in scores.get(dataset_id, [])
            if each["indicator"] in known and each["value"] is not None
        )
        yield support.data_set(
            "processes",
            dataset_id,
            row["version_text"],
            "processDataSet",
            _process_information(row, system, merged.get(dataset_id, [])),
            _validation(row, system, [each for each in words.source_ids(row["source_ids"])
                                      if each in cited]),
            _administration(row, system),
            element("exchanges", exchanges[dataset_id]),
            element("LCIAResults", results) if results else "",
        )  # fmt: skip


def _process_information(row: Row, system: ExchangeSystem, merged: Sequence[Row]) -> str:
    made, where = words.technology(row), words.mix(row)
    period = f"{row['period_start']} - {row['period_end']}"
    return element(
        "processInformation",
        element(
            "dataSetInformation",
            value("common:UUID", row["dataset_id"]),
            _named(row, "functionalUnitFlowProperties"),
            _classified(row),
            both("common:generalComment", words.comment(row, system.facts, merged)),
        ),
        tagged(
            "quantitativeReference",
            {"type": "Reference flow(s)"},
            (
                value("referenceToReferenceFlow", 1),
                both("functionalUnitOrOther", Text(f"1 {row['unit']}", ""), 500),
            ),
        ),
        element(
            "time",
            value("common:referenceYear", row["year"]),
            both(
                "common:timeRepresentativenessDescription",
                Text(f"Data of {period}.", f"数据时段：{period}。"),
            ),
        ),
        element(
            "geography",
            tagged(
                "locationOfOperationSupplyOrProduction",
                {"location": row["location_code"]},
                (both("descriptionOfRestrictions", Text(row["region_en"], row["region_zh"])),),
            ),
        ),
        element(
            "technology",
            both(
                "technologyDescriptionAndIncludedProcesses",
                Text(f"{made.en}; {where.en}.", f"{made.zh}；{where.zh}。"),
            ),
        ),
    )


def _validation(row: Row, system: ExchangeSystem, cited: Sequence[str]) -> str:
    how = words.allocation(row)
    is_result = row["process_type"] == "result"
    approach = APPROACHES.get(row["allocation"] or "none", "Other")
    grades = "".join(
        tagged(
            "common:dataQualityIndicator",
            {"name": name.en, "value": _grade(row[column])},
        )
        for column, name in (*words.INDICATORS, ("dqr", Text("Overall quality", "")))
    )
    return element(
        "modellingAndValidation",
        element(
            "LCIMethodAndAllocation",
            value("typeOfDataSet", "LCI result" if is_result else "Unit process, black box"),
            value("LCIMethodPrinciple", "Attributional"),
            value("LCIMethodApproaches", approach),
            both("deviationsFromLCIMethodApproaches", Text(f"{how.en}.", f"{how.zh}。")),
        ),
        element(
            "dataSourcesTreatmentAndRepresentativeness",
            both(
                "dataCutOffAndCompletenessPrinciples",
                words.COMPLETENESS,
            ),
            *(support.source_ref("referenceToDataSource", system, each) for each in cited),
            "" if cited else support.release_ref("referenceToDataSource", system),
            both(
                "annualSupplyOrProductionVolume",
                Text(
                    f"1 {row['unit']} is the reference flow; the yearly volume is not published "
                    "(statistical confidentiality)",
                    f"1 {row['unit']} 为基准流；年产量因统计保密不公布",
                ),
                500,
            ),
        ),
        element(
            "validation",
            tagged(
                "review",
                {"type": "Not reviewed"},
                (
                    element("common:dataQualityIndicators", grades),
                    both(
                        "common:reviewDetails",
                        Text(
                            f"Review status: {row['review_status'] or 'not_reviewed'}.",
                            f"评审状态：{row['review_status'] or 'not_reviewed'}。",
                        ),
                    ),
                    support.release_ref("common:referenceToCompleteReviewReport", system),
                ),
            ),
        ),
        support.compliance(with_details=True),
    )


def _grade(value_: float | None) -> str:
    place = words.score(value_)
    return "Not evaluated / unknown" if place is None else words.SCORES[place - 1].en


def _administration(row: Row, system: ExchangeSystem) -> str:
    return element(
        "administrativeInformation",
        element(
            "common:commissionerAndGoal",
            support.publisher_ref("common:referenceToCommissioner"),
            both(
                "common:intendedApplications",
                words.PURPOSE,
            ),
        ),
        element(
            "dataGenerator",
            support.publisher_ref("common:referenceToPersonOrEntityGeneratingTheDataSet"),
        ),
        element(
            "dataEntryBy",
            value("common:timeStamp", f"{row['known_at']}T00:00:00Z"),
            support.format_ref(),
            support.publisher_ref("common:referenceToPersonOrEntityEnteringTheData"),
        ),
        element(
            "publicationAndOwnership",
            value("common:dateOfLastRevision", f"{row['known_at']}T00:00:00Z"),
            value("common:dataSetVersion", row["version_text"]),
            value("common:permanentDataSetURI", f"urn:uuid:{row['dataset_id']}"),
            value("common:workflowAndPublicationStatus", "Data set finalised; entirely published"),
            support.publisher_ref("common:referenceToOwnershipOfDataSet"),
            value("common:copyright", "true"),
            value("common:licenseType", _licence(row["licence"])),
            both(
                "common:accessRestrictions",
                Text(f"Licence: {row['licence']}.", f"许可：{row['licence']}。"),
            ),
        ),
    )


def _licence(name: str) -> str:
    return "Free of charge for all users and uses" if name == database.LICENCE else "Other"
