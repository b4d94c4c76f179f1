"""Data sets of an ILCD package that hold no figure of their own, and what all data sets share.

Belongs here: contacts, sources, unit groups, flow properties; references; the frame of a data set
with its namespaces; statements on compliance and ownership. Does not belong here: processes and
impact methods (`ilcd`).
"""

from __future__ import annotations

import dataclasses
from typing import Literal

from warehouse.exchange import identity
from warehouse.exchange.identity import FOREIGN, OWN
from warehouse.exchange.system import ExchangeSystem
from warehouse.exchange.units import UNITS, FlowProperty, units_of
from warehouse.exchange.words import Text
from warehouse.exchange.xml_text import both, element, escaped, tagged, value
from warehouse.formats import facts as database

Folder = Literal[
    "contacts", "flowproperties", "flows", "lciamethods", "processes", "sources", "unitgroups"
]

KINDS: dict[Folder, str] = {
    "contacts": "contact data set",
    "flowproperties": "flow property data set",
    "flows": "flow data set",
    "lciamethods": "LCIA method data set",
    "processes": "process data set",
    "sources": "source data set",
    "unitgroups": "unit group data set",
}
"""What a reference calls the data sets of each folder."""

_NAMESPACES: dict[Folder, str] = {
    "contacts": "Contact", "flowproperties": "FlowProperty", "flows": "Flow",
    "lciamethods": "LCIAMethod", "processes": "Process", "sources": "Source",
    "unitgroups": "UnitGroup",
}  # fmt: skip

PUBLISHER = identity.minted("actor", "publisher")
COMPLIANCE = identity.minted("source", "no compliance system")
AUTHOR_ZH = "省级碳因子数据库维护者"


@dataclasses.dataclass(frozen=True)
class DataSet:
    """One file of the package."""

    member: str
    content: bytes


def document(text: str) -> bytes:
    """Return a whole XML document."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def data_set(folder: Folder, identifier: str, version: str, root: str, *parts: str) -> DataSet:
    """Return the file of a data set with the namespaces and attributes of its root."""
    name = _NAMESPACES[folder]
    attributes = {
        "xmlns": f"http://lca.jrc.it/ILCD/{name}",
        "xmlns:common": "http://lca.jrc.it/ILCD/Common",
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "version": "1.1",
        "xsi:schemaLocation": (
            f"http://lca.jrc.it/ILCD/{name} ../../schemas/ILCD_{name}DataSet.xsd"
        ),
    }
    if folder in {"flows", "processes"}:
        attributes["locations"] = "../ILCDLocations.xml"
    if folder == "flows":
        attributes["xmlns:ecn"] = "http://eplca.jrc.ec.europa.eu/ILCD/Extensions/2018/ECNumber"
    return DataSet(
        f"ILCD/{folder}/{identifier}_{version}.xml", document(tagged(root, attributes, parts))
    )


def reference(tag: str, folder: Folder, identifier: str, version: str, short: Text) -> str:
    """Return a reference to a data set of this package."""
    return tagged(
        tag,
        {
            "type": KINDS[folder],
            "refObjectId": identifier,
            "version": version,
            "uri": f"../{folder}/{identifier}_{version}.xml",
        },
        (both("common:shortDescription", short, 1000),),
    )


def publisher_ref(tag: str) -> str:
    """Refer to the publisher's contact."""
    return reference(tag, "contacts", PUBLISHER, OWN, Text(database.AUTHOR, AUTHOR_ZH))


def format_ref() -> str:
    """Refer to the data set format."""
    return reference(
        "common:referenceToDataSetFormat", "sources", identity.ILCD_FORMAT, FOREIGN,
        Text("ILCD format 1.1", "ILCD 格式 1.1"),
    )  # fmt: skip


def source_ref(tag: str, system: ExchangeSystem, source_id: str) -> str:
    """Refer to a source of the release."""
    source = next(each for each in system.sources if each.source_id == source_id)
    return reference(
        tag, "sources", identity.minted("source", source_id), OWN,
        Text(source.title_en or source_id, source.title_zh),
    )  # fmt: skip


def release_ref(tag: str, system: ExchangeSystem) -> str:
    """Refer to the release as a source: its gate report says what was checked."""
    return reference(
        tag, "sources", _release_id(system), OWN,
        Text(
            f"{database.TITLE_EN}, release {system.facts.release_id}",
            f"{database.TITLE_ZH}，版本 {system.facts.release_id}",
        ),
    )  # fmt: skip


def _release_id(system: ExchangeSystem) -> str:
    return identity.minted("release", system.facts.release_id)


def compliance(*, with_details: bool) -> str:
    """State that no compliance with any system is claimed."""
    parts = [
        reference(
            "common:referenceToComplianceSystem", "sources", COMPLIANCE, OWN,
            Text("No compliance system declared", "未声明符合性体系"),
        ),
        value("common:approvalOfOverallCompliance", "Not defined"),
    ]  # fmt: skip
    if with_details:
        parts += [
            value(f"common:{name}Compliance", "Not defined")
            for name in ("nomenclature", "methodological", "review", "documentation", "quality")
        ]
    return element("complianceDeclarations", element("compliance", *parts))


def _administration(identifier: str, version: str, day: str) -> str:
    return element(
        "administrativeInformation",
        element("dataEntryBy", value("common:timeStamp", f"{day}T00:00:00Z"), format_ref()),
        element(
            "publicationAndOwnership",
            value("common:dataSetVersion", version),
            value("common:permanentDataSetURI", f"urn:uuid:{identifier}"),
            publisher_ref("common:referenceToOwnershipOfDataSet"),
        ),
    )


def _class(code: str, name: str) -> str:
    return element(
        "classificationInformation",
        element(
            "common:classification",
            tagged("common:class", {"level": "0", "classId": code}, (escaped(name),)),
        ),
    )


def contacts(system: ExchangeSystem) -> list[DataSet]:
    """Return the contact of the publisher."""
    named = Text(database.AUTHOR, AUTHOR_ZH)
    return [
        data_set(
            "contacts", PUBLISHER, OWN, "contactDataSet",
            element(
                "contactInformation",
                element(
                    "dataSetInformation",
                    value("common:UUID", PUBLISHER),
                    both("common:shortName", named, 500),
                    both("common:name", named, 500),
                    _class("2", "Organisations"),
                ),
            ),
            _administration(PUBLISHER, OWN, system.day),
        )
    ]  # fmt: skip


def sources(system: ExchangeSystem) -> list[DataSet]:
    """Return the format, the statement on compliance, the release, and every cited source."""
    format_, none = ("1", "Data set formats"), ("3", "Compliance systems")
    facts = system.facts
    stated = [
        (
            identity.ILCD_FORMAT, FOREIGN, Text("ILCD format 1.1", "ILCD 格式 1.1"), format_,
            "ILCD format 1.1", "Undefined", Text("The format of these data sets.", "数据集格式。"),
        ),
        (
            COMPLIANCE, OWN, Text("No compliance system declared", "未声明符合性体系"), none,
            "No compliance system declared", "Undefined",
            Text("Compliance with no system is claimed.", "不声明符合任何体系。"),
        ),
        (
            _release_id(system), OWN,
            Text(
                f"{database.TITLE_EN}, release {facts.release_id}",
                f"{database.TITLE_ZH}，版本 {facts.release_id}",
            ),
            ("2", "Databases"), _citation(system), "Software or database",
            Text(
                f"{facts.channel_en} The release's gate_report.json holds every check and verdict.",
                f"{facts.channel_zh}检查结果见 gate_report.json。",
            ),
        ),
    ]  # fmt: skip
    stated += [
        (
            identity.minted("source", source.source_id),
            OWN,
            Text(source.title_en or source.source_id, source.title_zh),
            ("5", "Publications and communications"),
            f"{source.publisher_en or 'publisher not stated'}: "
            f"{source.title_en or source.source_id}",
            "Undefined",
            Text(f"Terms: {source.licence or 'not stated'}.", f"{source.publisher_zh}"),
        )
        for source in system.sources
    ]
    return [
        data_set(
            "sources", identifier, version, "sourceDataSet",
            element(
                "sourceInformation",
                element(
                    "dataSetInformation",
                    value("common:UUID", identifier),
                    both("common:shortName", short, 500),
                    _class(*kind),
                    value("sourceCitation", citation[:1000]),
                    value("publicationType", publication),
                    both("sourceDescriptionOrComment", about),
                    publisher_ref("referenceToContact"),
                ),
            ),
            _administration(identifier, version, system.day),
        )
        for identifier, version, short, kind, citation, publication, about in stated
    ]  # fmt: skip


def _citation(system: ExchangeSystem) -> str:
    """Cite the release in English alone: the element has no language."""
    return f"{database.AUTHOR}: {database.TITLE_EN}, release {system.facts.release_id}"


def _used(system: ExchangeSystem) -> list[FlowProperty]:
    symbols = {*system.datasets["unit"].unique(), *system.flows["unit"].unique(), "kg"}
    found = {UNITS[symbol].property.property_id: UNITS[symbol].property for symbol in symbols}
    return [found[each] for each in sorted(found)]


def unit_groups(system: ExchangeSystem) -> list[DataSet]:
    """Return the unit group of every unit that is used."""
    made = []
    for quantity in _used(system):
        units = units_of(quantity.property_id)
        made.append(
            data_set(
                "unitgroups", quantity.group_id, FOREIGN, "unitGroupDataSet",
                element(
                    "unitGroupInformation",
                    element(
                        "dataSetInformation",
                        value("common:UUID", quantity.group_id),
                        both("common:name", Text(quantity.group_name, quantity.group_name_zh), 500),
                        _class("1", "Technical unit groups"),
                    ),
                    element("quantitativeReference", value("referenceToReferenceUnit", 0)),
                ),
                element("modellingAndValidation", compliance(with_details=False)),
                _administration(quantity.group_id, FOREIGN, system.day),
                element(
                    "units",
                    *(
                        tagged(
                            "unit",
                            {"dataSetInternalID": str(place)},
                            (value("name", unit.name), value("meanValue", unit.factor)),
                        )
                        for place, unit in enumerate(units)
                    ),
                ),
            )
        )  # fmt: skip
    return made


def flow_properties(system: ExchangeSystem) -> list[DataSet]:
    """Return the flow property of every unit that is used."""
    return [
        data_set(
            "flowproperties", quantity.property_id, FOREIGN, "flowPropertyDataSet",
            element(
                "flowPropertiesInformation",
                element(
                    "dataSetInformation",
                    value("common:UUID", quantity.property_id),
                    both("common:name", Text(quantity.name, quantity.name_zh), 500),
                    _class("1", "Technical flow properties"),
                ),
                element(
                    "quantitativeReference",
                    reference(
                        "referenceToReferenceUnitGroup", "unitgroups", quantity.group_id, FOREIGN,
                        Text(quantity.group_name, quantity.group_name_zh),
                    ),
                ),
            ),
            element("modellingAndValidation", compliance(with_details=False)),
            _administration(quantity.property_id, FOREIGN, system.day),
        )
        for quantity in _used(system)
    ]  # fmt: skip


def flow(
    system: ExchangeSystem,
    identifier: str,
    version: str,
    information: str,
    kind: str,
    unit: str,
    day: str,
) -> DataSet:
    """Return a flow with its one flow property, the reference of its amounts."""
    quantity = UNITS[unit].property
    return data_set(
        "flows", identifier, version, "flowDataSet",
        element(
            "flowInformation",
            information,
            element("quantitativeReference", value("referenceToReferenceFlowProperty", 0)),
        ),
        element(
            "modellingAndValidation",
            element("LCIMethod", value("typeOfDataSet", kind)),
            compliance(with_details=False),
        ),
        _administration(identifier, version, day),
        element(
            "flowProperties",
            tagged(
                "flowProperty",
                {"dataSetInternalID": "0"},
                (
                    reference(
                        "referenceToFlowPropertyDataSet", "flowproperties", quantity.property_id,
                        FOREIGN, Text(quantity.name, quantity.name_zh),
                    ),
                    value("meanValue", 1.0),
                ),
            ),
        ),
    )  # fmt: skip


def impact_method(
    system: ExchangeSystem, identifier: str, information: str, factors: str
) -> DataSet:
    """Return an impact method around its information and characterisation factors."""
    return data_set(
        "lciamethods", identifier, OWN, "LCIAMethodDataSet",
        information,
        element(
            "modellingAndValidation",
            element(
                "LCIAMethodNormalisationAndWeighting",
                value("typeOfDataSet", "Mid-point indicator"),
                value("LCIAMethodPrinciple", "other"),
            ),
            element("dataSources", release_ref("referenceToDataSource", system)),
            element("validation", tagged("review", {"type": "Not reviewed"})),
            compliance(with_details=True),
        ),
        element(
            "administrativeInformation",
            element(
                "dataGenerator",
                publisher_ref("common:referenceToPersonOrEntityGeneratingTheDataSet"),
            ),
            element(
                "dataEntryBy",
                value("common:timeStamp", f"{system.day}T00:00:00Z"),
                format_ref(),
                publisher_ref("common:referenceToPersonOrEntityEnteringTheData"),
                element(
                    "recommendationBy",
                    publisher_ref("referenceToEntity"),
                    value("level", "Interim"),
                    both("meaning", Text("No recommendation is made.", "不作推荐。")),
                ),
            ),
            element(
                "publicationAndOwnership",
                value("common:dateOfLastRevision", f"{system.day}T00:00:00Z"),
                value("common:dataSetVersion", OWN),
                value("common:permanentDataSetURI", f"urn:uuid:{identifier}"),
                publisher_ref("common:referenceToOwnershipOfDataSet"),
            ),
        ),
        element("characterisationFactors", factors),
    )  # fmt: skip
