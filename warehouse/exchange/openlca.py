"""Background datasets as an openLCA package: JSON-LD, schema version 2, in a zip archive.

Belongs here: the documents of the package and the traps of its readers. Does not belong here:
which datasets there are (`system`), how an archive is written (`archive`).

What readers need beyond the schema, each found by running them:
* openLCA reads the schema version from `openlca.json`, the Python package from `olca-schema.json`.
* Brightway links by product flow, so each dataset has a flow of its own; a reference to a flow
  carries its type and reference unit; every process has a location with a name; a method has
  description, version and date of change.
* An exchange names its flow property and unit; each dataset has one product output.
* TIDAS takes every text of such a package for English and refuses Chinese characters in it, so the
  texts are English and the Chinese name of a process, flow or source is its first tag. ILCD holds
  every text in both languages. `inventoryMethodDescription`, `dataTreatmentDescription` and
  `dataGenerator` stay unused: TIDAS puts them where its own ILCD schema forbids them.
* Units, flow properties, locations and elementary flows belong to everybody. They carry version
  00.00.000 and no date of change, so that an import never replaces what a user has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.exchange import identity, words
from warehouse.exchange.archive import write_archive
from warehouse.exchange.identity import FOREIGN, OWN
from warehouse.exchange.system import ExchangeSystem
from warehouse.exchange.units import UNITS, FlowProperty, units_of
from warehouse.formats import facts as database
from warehouse.formats.sources import Source

SCHEMA, PACKAGE = 2, 5
Document = dict[str, Any]


def write_openlca(system: ExchangeSystem, path: Path) -> int:
    """Write the package to a new file and return the number of its documents."""
    return write_archive(path, _members(system))


def method_id(gwp_set: str) -> str:
    """Return the identifier of the impact method of a GWP set."""
    return identity.minted("impact method", gwp_set)


def category_id(indicator: str) -> str:
    """Return the identifier of the impact category of an indicator."""
    return identity.minted("impact category", indicator)


def _members(system: ExchangeSystem) -> Iterator[tuple[str, bytes]]:
    folders = {
        "actors": _actors(system),
        "dq_systems": _dq_systems(system),
        "flow_properties": _flow_properties(system),
        "flows": _flows(system),
        "lcia_categories": _categories(system),
        "lcia_methods": _methods(system),
        "locations": _locations(system),
        "sources": _sources(system),
        "unit_groups": _unit_groups(system),
    }
    for folder in sorted([*folders, "processes"]):
        # The two markers stand between the folders in order of name.
        if folder == "processes":
            yield "olca-schema.json", _rendered({"version": SCHEMA})
            yield "openlca.json", _rendered({"schemaVersion": PACKAGE})
            yield from _processes(system)
        else:
            for document in sorted(folders[folder], key=lambda each: str(each["@id"])):
                yield f"{folder}/{document['@id']}.json", _rendered(document)


def _json(value: object) -> str:
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _rendered(document: Document) -> bytes:
    return _json(document).encode("utf-8")


def _ref(kind: str, identifier: str, name: str) -> Document:
    return {"@type": kind, "@id": identifier, "name": name}


def _author() -> Document:
    return _ref("Actor", identity.minted("actor", "publisher"), database.AUTHOR)


def _actors(system: ExchangeSystem) -> list[Document]:
    return [{**_author(), "version": OWN, "lastChange": _stamp(system.day)}]


def _stamp(day: object) -> str:
    return f"{day}T00:00:00Z"


def _tag(text: str) -> str:
    """Return a text as one tag: openLCA splits tags at commas."""
    return text.replace(",", "，")


def _source_id(source_id: str) -> str:
    return identity.minted("source", source_id)


def _source_ref(source: Source) -> Document:
    return _ref("Source", _source_id(source.source_id), source.title_en or source.source_id)


def _sources(system: ExchangeSystem) -> list[Document]:
    return [
        {
            **_source_ref(source),
            "category": "Provincial Carbon Factor Database",
            "tags": [_tag(source.title_zh)] if source.title_zh else [],
            "textReference": (
                f"{source.publisher_en or 'publisher not stated'}: "
                f"{source.title_en or source.source_id}. "
                f"Terms: {source.licence or 'not stated'}."
            ),
            "version": OWN,
            "lastChange": _stamp(system.day),
        }
        for source in system.sources
    ]


def _dq_ref() -> Document:
    return _ref("DQSystem", identity.minted("dq system", "four"), "Data quality rating, 4 x 5")


def _dq_systems(system: ExchangeSystem) -> list[Document]:
    scores = [
        {"position": place, "label": str(place), "description": f"{word.en} {word.zh}"}
        for place, word in enumerate(words.SCORES, start=1)
    ]
    return [
        {
            **_dq_ref(),
            "description": "Scores from 1 (best) to 5 (worst). 评分 1（最好）至 5（最差）。",
            "hasUncertainties": False,
            "indicators": [
                {"position": place, "name": name.en, "scores": scores}
                for place, (_, name) in enumerate(words.INDICATORS, start=1)
            ],
            "version": OWN,
            "lastChange": _stamp(system.day),
        }
    ]


def _properties(system: ExchangeSystem) -> list[FlowProperty]:
    used = {*system.datasets["unit"].unique(), *system.flows["unit"].unique()}
    found = {UNITS[symbol].property.property_id: UNITS[symbol].property for symbol in used}
    return [found[each] for each in sorted(found)]


def _property_ref(quantity: FlowProperty) -> Document:
    return _ref("FlowProperty", quantity.property_id, quantity.name)


def _flow_properties(system: ExchangeSystem) -> list[Document]:
    return [
        {
            **_property_ref(quantity),
            "flowPropertyType": "PHYSICAL_QUANTITY",
            "unitGroup": _ref("UnitGroup", quantity.group_id, quantity.group_name),
            "version": FOREIGN,
        }
        for quantity in _properties(system)
    ]


def _unit_groups(system: ExchangeSystem) -> list[Document]:
    return [
        {
            **_ref("UnitGroup", quantity.group_id, quantity.group_name),
            "defaultFlowProperty": _property_ref(quantity),
            "units": [
                {
                    "@id": unit.unit_id,
                    "name": unit.name,
                    "conversionFactor": unit.factor,
                    "isRefUnit": unit.symbol == quantity.reference,
                }
                for unit in units_of(quantity.property_id)
            ],
            "version": FOREIGN,
        }
        for quantity in _properties(system)
    ]


def _locations(system: ExchangeSystem) -> list[Document]:
    rows = system.datasets.select("location_code", "region_en", "region_zh").unique(
        "location_code", keep="first", maintain_order=True
    )
    return [
        {
            **_location_ref(row),
            "code": row["location_code"],
            "description": row["region_zh"],
            "version": FOREIGN,
        }
        for row in rows.sort("location_code").iter_rows(named=True)
    ]


def _location_ref(row: Mapping[str, Any]) -> Document:
    code = str(row["location_code"])
    return _ref("Location", identity.location(code), str(row["region_en"]))


def _flow_factor(unit: str) -> list[Document]:
    return [
        {
            "flowProperty": _property_ref(UNITS[unit].property),
            "conversionFactor": 1.0,
            "isRefFlowProperty": True,
        }
    ]


def _flow_ref(row: Mapping[str, Any], kind: str) -> Document:
    """Refer to a flow with its type and reference unit, without which Brightway cannot read it."""
    quantity = UNITS[row["unit"]].property
    return {
        **_ref("Flow", row["flow_id"], row["name_en"]),
        "flowType": kind,
        "refUnit": UNITS[quantity.reference].name,
    }


def _flows(system: ExchangeSystem) -> list[Document]:
    products = [
        {
            **_ref("Flow", row["flow_id"], row["name_en"]),
            "flowType": "PRODUCT_FLOW",
            "category": f"Background products/{row['chain']}/{row['product_en']}",
            "description": f"Product of data set {row['dataset_id']}.",
            "tags": [_tag(row["name_zh"])],
            "location": _location_ref(row),
            "flowProperties": _flow_factor(row["unit"]),
            "version": row["version_text"],
            "lastChange": _stamp(row["known_at"]),
        }
        for row in system.datasets.iter_rows(named=True)
    ]
    other = _other_names(system)
    emitted = [
        _present(
            {
                **_ref("Flow", row["flow_id"], row["name_en"]),
                "flowType": "ELEMENTARY_FLOW",
                "category": f"Elementary flows/{row['compartment']}",
                "description": " ".join(
                    [
                        f"Identifier: {row['id_origin'] or 'not stated'}.",
                        *other.get(row["flow_id"], []),
                    ]
                ),
                "tags": [_tag(row["name_zh"])],
                "cas": row["cas"],
                "formula": row["formula"],
                "flowProperties": _flow_factor(row["unit"]),
                "version": FOREIGN,
            }
        )
        for row in system.flows.iter_rows(named=True)
    ]
    return products + emitted


def _present(document: Document) -> Document:
    return {key: value for key, value in document.items() if value is not None}


def _other_names(system: ExchangeSystem) -> dict[str, list[str]]:
    """Return what other lists call each elementary flow, a sentence a list."""
    found: dict[str, list[str]] = {}
    for row in system.mapping.iter_rows(named=True):
        named = f"{row['list']}: {row['target_name'] or row['target_id']} ({row['target_id']})."
        found.setdefault(row["flow_id"], []).append(named)
    return found


def _category_ref(indicator: str) -> Document:
    return _ref("ImpactCategory", category_id(indicator), indicator)


def _sets(system: ExchangeSystem) -> dict[str, list[str]]:
    """Return the indicators of each GWP set."""
    rows = system.factors.select("gwp_set", "indicator").unique().sort("gwp_set", "indicator")
    grouped = rows.group_by("gwp_set", maintain_order=True).agg("indicator")
    return dict(grouped.iter_rows())


def _methods(system: ExchangeSystem) -> list[Document]:
    return [
        {
            **_ref("ImpactMethod", method_id(gwp_set), _method_name(gwp_set)),
            "category": database.TITLE_EN,
            "code": gwp_set,
            "description": (
                f"Global warming potentials over 100 years, set {gwp_set}; table "
                f"characterisation_factor of release {system.facts.release_id}. "
                f"100 年全球变暖潜势 {gwp_set}。"
            ),
            "impactCategories": [
                {**_category_ref(indicator), "refUnit": reference_unit(system, indicator)}
                for indicator in indicators
            ],
            "version": OWN,
            "lastChange": _stamp(system.day),
        }
        for gwp_set, indicators in _sets(system).items()
    ]


def _method_name(gwp_set: str) -> str:
    return f"{database.TITLE_EN}, GWP 100 {gwp_set.upper()}"


def reference_unit(system: ExchangeSystem, indicator: str) -> str:
    """Return the unit in which an indicator is counted: what stands before `per` or a slash."""
    stated = system.factors.filter(pl.col("indicator") == indicator)["unit"].drop_nulls()
    text = str(stated[0]) if len(stated) else ""
    return text.split("/")[0].split(" per ")[0].strip() or "kg CO2e"


def _categories(system: ExchangeSystem) -> list[Document]:
    met = system.factors.join(
        system.flows.select("flow_id", "name_en", flow_unit="unit"), on="flow_id"
    ).sort("indicator", "flow_id")
    documents = []
    for (indicator,), rows in met.group_by("indicator", maintain_order=True):
        documents.append(
            {
                **_category_ref(str(indicator)),
                "category": database.TITLE_EN,
                "code": str(indicator),
                "description": f"Indicator {indicator} of table background_score.",
                "refUnit": reference_unit(system, str(indicator)),
                "impactFactors": [
                    {
                        "flow": _flow_ref({**row, "unit": row["flow_unit"]}, "ELEMENTARY_FLOW"),
                        "flowProperty": _property_ref(UNITS[row["flow_unit"]].property),
                        "unit": _ref(
                            "Unit", UNITS[row["flow_unit"]].unit_id, UNITS[row["flow_unit"]].name
                        ),
                        "value": row["factor"],
                    }
                    for row in rows.iter_rows(named=True)
                ],
                "version": OWN,
                "lastChange": _stamp(system.day),
            }
        )
    return documents


def _exchange_texts(system: ExchangeSystem) -> dict[str, str]:
    """Return the exchanges of each dataset as one JSON text, written column by column.

    Names and identifiers are rendered once for each flow, provider and unit; what differs between
    exchanges (amount, uncertainty, scores) is joined to them as text. Keys are in order of name.
    """
    flows = pl.concat(
        [
            _fragments(system.datasets, "PRODUCT_FLOW"),
            _fragments(system.flows, "ELEMENTARY_FLOW"),
        ]
    )
    providers = system.datasets.select(
        provider_id="dataset_id",
        provider=pl.Series(
            [
                _json(
                    {
                        **_ref("Process", row["dataset_id"], row["name_en"]),
                        "location": row["location_code"],
                    }
                )
                for row in system.datasets.iter_rows(named=True)
            ],
            dtype=pl.String,
        ),
    )
    units = pl.DataFrame(
        {
            "unit": list(UNITS),
            "property_text": [_json(_property_ref(unit.property)) for unit in UNITS.values()],
            "unit_text": [_json(_ref("Unit", unit.unit_id, unit.name)) for unit in UNITS.values()],
        }
    )
    amount, is_reference = pl.col("amount"), pl.col("position") == 1
    has_spread = (pl.col("sigma") > 0) & (amount != 0)
    # Twelve digits: the last ones of an exponential differ from one processor to the next.
    deviation = pl.col("sigma").exp().round_sig_figs(12)
    scores = [pl.col(name) for name in ("dqr_te", "dqr_ge", "dqr_ti", "dqr_p")]
    text = pl.concat_str(
        pl.lit('{"amount":'), amount.cast(pl.String),
        _if(pl.col("provider").is_not_null(), ',"defaultProvider":', pl.col("provider")),
        _if(
            pl.col("origin").is_not_null(),
            ',"description":"origin: ', pl.col("origin"),
            "; stage: ", pl.col("stage").fill_null("not stated"), '"',
        ),
        _if(
            pl.any_horizontal(score.is_not_null() for score in scores),
            ',"dqEntry":"(', pl.concat_str([_score(score) for score in scores], separator=";"),
            ')"',
        ),
        pl.lit(',"flow":'), pl.col("flow"),
        pl.lit(',"flowProperty":'), pl.col("property_text"),
        pl.lit(',"internalId":'), pl.col("position").cast(pl.String),
        pl.lit(',"isAvoidedProduct":false,"isInput":'), pl.col("is_input").cast(pl.String),
        pl.lit(',"isQuantitativeReference":'), is_reference.cast(pl.String),
        _if(
            has_spread,
            ',"uncertainty":{"distributionType":"LOG_NORMAL_DISTRIBUTION","geomMean":',
            amount.abs().cast(pl.String), ',"geomSd":', deviation.cast(pl.String), "}",
        ),
        pl.lit(',"unit":'), pl.col("unit_text"), pl.lit("}"),
    )  # fmt: skip
    rendered = (
        system.exchanges.join(flows, on="flow_id", how="left")
        .join(providers, on="provider_id", how="left")
        .join(units, on="unit", how="left")
        .sort("dataset_id", "position")
        .select("dataset_id", text=text)
        .group_by("dataset_id", maintain_order=True)
        .agg(pl.col("text").str.join(","))
    )
    return dict(rendered.iter_rows())


def _fragments(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Render the reference to each flow once."""
    return pl.DataFrame(
        {
            "flow_id": rows["flow_id"],
            "flow": [_json(_flow_ref(row, kind)) for row in rows.iter_rows(named=True)],
        },
        schema={"flow_id": pl.String, "flow": pl.String},
    )


def _if(condition: pl.Expr, *parts: str | pl.Expr) -> pl.Expr:
    """Join parts where a condition holds; elsewhere nothing."""
    joined = pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in parts])
    return pl.when(condition).then(joined).otherwise(pl.lit(""))


def _score(score: pl.Expr) -> pl.Expr:
    whole = (score + 0.5).floor().clip(1, 5).cast(pl.Int64).cast(pl.String)
    return whole.fill_null("n.a.")


def _processes(system: ExchangeSystem) -> Iterator[tuple[str, bytes]]:
    exchanges = _exchange_texts(system)
    counts = dict(system.exchanges.group_by("dataset_id").agg(pl.col("position").max()).iter_rows())
    sources = {source.source_id: source for source in system.sources}
    merged = system.merged.rows_by_key("parent_id", named=True)
    shares = system.allocation.rows_by_key("dataset_id", named=True)
    for row in system.datasets.iter_rows(named=True):
        dataset_id = row["dataset_id"]
        document = _process(
            row, system, sources, merged.get(dataset_id, []), shares.get(dataset_id, [])
        )
        document["lastInternalId"] = counts[dataset_id]
        # The exchanges are text already; they stand between the keys before and after them.
        before = _json({key: value for key, value in document.items() if key < "exchanges"})
        after = _json({key: value for key, value in document.items() if key > "exchanges"})
        text = f'{before[:-1]},"exchanges":[{exchanges[dataset_id]}],{after[1:]}'
        yield f"processes/{dataset_id}.json", text.encode("utf-8")


def _process(
    row: Mapping[str, Any],
    system: ExchangeSystem,
    sources: Mapping[str, Source],
    merged: Sequence[Mapping[str, Any]],
    shares: Sequence[Mapping[str, Any]],
) -> Document:
    """Return one process without its exchanges."""
    said = words.comment(row, system.facts, merged)
    made, where = words.technology(row), words.mix(row)
    named = [each for each in words.source_ids(row["source_ids"]) if each in sources]
    codes = "; ".join(f"{name}: {code}" for name, code in words.classes(row))
    documentation = {
        "validFrom": str(row["period_start"]),
        "validUntil": str(row["period_end"]),
        "timeDescription": f"Data of {row['year']}.",
        "geographyDescription": f"{row['region_en']} ({row['location_code']})",
        "technologyDescription": f"{made.en}; {where.en}.",
        "completenessDescription": words.COMPLETENESS.en,
        "creationDate": _stamp(row["known_at"]),
        "isCopyrightProtected": True,
        "dataSetOwner": _author(),
        "dataDocumentor": _author(),
        "intendedApplication": words.PURPOSE.en,
        "restrictionsDescription": f"Licence: {row['licence']}",
        "sources": [_source_ref(sources[each]) for each in named],
        "reviews": [],
        "complianceDeclarations": [],
    }
    scores = words.entry([row[column] for column, _ in words.INDICATORS])
    document = {
        **_ref("Process", row["dataset_id"], row["name_en"]),
        "category": f"Background datasets/{row['chain']}/{row['product_en']}",
        "description": f"{said.en}{_shares(shares)} {codes}".strip(),
        "tags": [_tag(row["name_zh"]), row["disclosure"], row["quality_tier"] or "untiered"],
        "version": row["version_text"],
        "lastChange": _stamp(row["known_at"]),
        "processType": "LCI_RESULT" if row["process_type"] == "result" else "UNIT_PROCESS",
        "location": _location_ref(row),
        "defaultAllocationMethod": "NO_ALLOCATION",
        "allocationFactors": [],
        "dqSystem": _dq_ref(),
        "dqEntry": scores or None,
        "exchangeDqSystem": _dq_ref(),
        "processDocumentation": documentation,
    }
    return _present(document)


def _shares(shares: Sequence[Mapping[str, Any]]) -> str:
    """Name the allocation factors; the inventory before allocation has a table of its own."""
    if not shares:
        return ""
    named = ", ".join(
        f"{each['product_code']} ({each['method']}): {each['factor']:g}" for each in shares
    )
    return (
        f" Allocation factors: {named}. The inventory before allocation stands in table "
        "background_unallocated."
    )
