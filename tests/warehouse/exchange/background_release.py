"""Small releases of background datasets, as Parquet files in a staging folder.

Belongs here: rows of the published tables and the files around them; one release of fourteen
datasets with everything that an exporter must not stumble over, and random ones. Does not belong
here: what an exporter makes of them.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from pathlib import Path

import numpy as np
import polars as pl

from warehouse import export
from warehouse.dbt_artifacts import PublishedColumn, PublishedModel
from warehouse.formats import ReleaseFacts

FACTS = ReleaseFacts("2023.12.0", "2023-12", "demo", "0.1.0+abc", "2024-01-31")

NAMESPACE = uuid.UUID("0f0e0d0c-0b0a-4908-8706-050403020100")

TYPES = {
    "product": {
        "product_code": "varchar", "name_zh": "varchar", "name_en": "varchar", "chain": "varchar",
        "unit": "varchar", "cpc_code": "varchar", "national_code": "varchar",
        "product_flow_id": "varchar", "source_ids": "varchar",
    },
    "elementary_flow": {
        "flow_id": "varchar", "name_zh": "varchar", "name_en": "varchar", "gas": "varchar",
        "formula": "varchar", "cas": "varchar", "compartment": "varchar", "unit": "varchar",
        "carbon_origin": "varchar", "direction": "varchar", "id_origin": "varchar",
        "source_ids": "varchar",
    },
    "flow_mapping": {
        "flow_id": "varchar", "list": "varchar", "target_id": "varchar", "target_name": "varchar",
        "target_unit": "varchar", "factor": "double", "note": "varchar",
    },
    "characterisation_factor": {
        "indicator": "varchar", "flow_id": "varchar", "gwp_set": "varchar",
        "factor": "decimal(18, 6)", "unit": "varchar", "source_ids": "varchar",
    },
    "background_dataset": {
        "dataset_id": "varchar", "dataset_version": "integer", "version_text": "varchar",
        "name_zh": "varchar", "name_en": "varchar", "product_code": "varchar",
        "technology": "varchar", "technology_zh": "varchar", "technology_en": "varchar",
        "region_code": "varchar", "location_code": "varchar", "year": "integer",
        "period_start": "date", "period_end": "date", "unit": "varchar",
        "process_type": "varchar", "system_model": "varchar", "allocation": "varchar",
        "system_boundary": "varchar", "disclosure": "varchar", "merged_into": "varchar",
        "contributors_band": "varchar", "value": "double", "primary_data_share": "double",
        "dqr": "double", "dqr_technological": "double", "dqr_geographical": "double",
        "dqr_temporal": "double", "dqr_precision": "double", "quality_tier": "varchar",
        "review_status": "varchar", "licence": "varchar", "national_code": "varchar",
        "cpc_code": "varchar", "source_ids": "varchar", "known_at": "date",
    },
    "background_exchange": {
        "dataset_id": "varchar", "exchange_no": "integer", "kind": "varchar",
        "direction": "varchar", "flow_id": "varchar", "provider_id": "varchar",
        "product_code": "varchar", "amount": "double", "unit": "varchar", "origin": "varchar",
        "stage": "varchar", "sigma": "double", "dqr_te": "double", "dqr_ge": "double",
        "dqr_ti": "double", "dqr_p": "double", "allocation_factor": "double",
    },
    "background_inventory": {
        "dataset_id": "varchar", "flow_id": "varchar", "direction": "varchar", "amount": "double",
        "unit": "varchar",
    },
    "background_score": {
        "dataset_id": "varchar", "indicator": "varchar", "value": "double", "median": "double",
        "lower_95": "double", "upper_95": "double", "unit": "varchar",
    },
    "background_allocation": {
        "dataset_id": "varchar", "product_code": "varchar", "method": "varchar",
        "factor": "double",
    },
    "background_unallocated": {
        "dataset_id": "varchar", "exchange_no": "integer", "kind": "varchar", "amount": "double",
    },
    "region": {"region_code": "varchar", "name_zh": "varchar", "name_en": "varchar"},
    "source": {
        "source_id": "varchar", "title_zh": "varchar", "title_en": "varchar",
        "publisher_zh": "varchar", "publisher_en": "varchar", "licence": "varchar",
        "found_at": "varchar",
    },
}  # fmt: skip
KEYS = {
    "product": ("product_code",),
    "elementary_flow": ("flow_id",),
    "flow_mapping": ("flow_id", "list"),
    "characterisation_factor": ("indicator", "flow_id"),
    "background_dataset": ("dataset_id",),
    "background_exchange": ("dataset_id", "exchange_no"),
    "background_inventory": ("dataset_id", "flow_id"),
    "background_score": ("dataset_id", "indicator"),
    "background_allocation": ("dataset_id", "product_code", "method"),
    "background_unallocated": ("dataset_id", "exchange_no"),
    "region": ("region_code",),
    "source": ("source_id",),
}

Frames = dict[str, pl.DataFrame]


def uid(name: str) -> str:
    """An identifier of the tests."""
    return str(uuid.uuid5(NAMESPACE, name))


def frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows of a table with all its columns; what a row leaves out is null."""
    schema = _model(table).polars_schema()
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)


def write(folder: Path, frames: Frames) -> Path:
    """Write the tables of a release as the exporter writes them."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    for name, rows in frames.items():
        model = _model(name, extra=[each for each in rows.columns if each not in TYPES[name]])
        table = rows.sort(KEYS[name]).select([column.name for column in model.columns])
        export.write_parquet(
            table.to_arrow().cast(model.arrow_schema()), folder / "tables" / f"{name}.parquet"
        )
    return folder


def _model(table: str, extra: list[str] | None = None) -> PublishedModel:
    kinds = {**TYPES[table], **dict.fromkeys(extra or [], "varchar")}
    columns = tuple(
        PublishedColumn(name, kind, "", f"The {name}", "列") for name, kind in kinds.items()
    )
    return PublishedModel(
        table, "marts", table, "public", KEYS[table], columns, f"One row per {table}.", "表",
        True, "每项一行", "1.0.0",
    )  # fmt: skip


# --- flows and factors: IPCC, GWP100

FOSSIL, BIOGENIC = "fe0acd60-3ddc-11dd-af54-0050c2490048", uid("flow co2 biogenic")
UPTAKE, LAND = uid("flow co2 uptake"), uid("flow co2 land use")
METHANE, METHANE_BIO = uid("flow ch4 fossil"), uid("flow ch4 biogenic")
NITROUS, CF4 = uid("flow n2o"), uid("flow cf4")

_FLOWS = (
    (FOSSIL, "二氧化碳，化石", "Carbon dioxide (fossil)", "CO2", "124-38-9", "output", "fossil"),
    (BIOGENIC, "二氧化碳，生物源", "Carbon dioxide (biogenic)", "CO2", "124-38-9", "output",
     "biogenic"),
    (UPTAKE, "二氧化碳，大气吸收", "Carbon dioxide, in air", "CO2", "124-38-9", "input",
     "biogenic"),
    (LAND, "二氧化碳，土地利用", "Carbon dioxide (land use change)", "CO2", "124-38-9", "output",
     "land_use"),
    (METHANE, "甲烷，化石", "Methane (fossil)", "CH4", "74-82-8", "output", "fossil"),
    (METHANE_BIO, "甲烷，生物源", "Methane (biogenic)", "CH4", "74-82-8", "output", "biogenic"),
    (NITROUS, "氧化亚氮", "Nitrous oxide", "N2O", "010024-97-2", "output", "none"),
    (CF4, "四氟化碳", "Tetrafluoromethane", "CF4", "75-73-0", "output", "fossil"),
)  # fmt: skip

_GWP = {
    "ar5": {METHANE: 30.0, METHANE_BIO: 28.0, NITROUS: 265.0, CF4: 6630.0},
    "ar6": {METHANE: 29.8, METHANE_BIO: 27.0, NITROUS: 273.0, CF4: 7380.0},
}
_PARTS = {
    "fossil": (FOSSIL, METHANE, NITROUS, CF4),
    "biogenic": (BIOGENIC, METHANE_BIO),
    "biogenic_uptake": (UPTAKE,),
    "land_use": (LAND,),
    "total": (FOSSIL, METHANE, NITROUS, CF4, BIOGENIC, METHANE_BIO, UPTAKE, LAND),
}


def flows() -> pl.DataFrame:
    """Eight elementary flows: three lines of biogenic carbon, land use, other gases."""
    return frame(
        "elementary_flow",
        [
            {
                "flow_id": flow, "name_zh": zh, "name_en": en, "gas": gas, "formula": gas,
                "cas": cas, "unit": "kg", "direction": direction, "carbon_origin": origin,
                "compartment": (
                    "Resource/air" if direction == "input" else "Emission to air/unspecified"
                ),
                "id_origin": "ef31" if flow == FOSSIL else "minted", "source_ids": "yearbook",
            }
            for flow, zh, en, gas, cas, direction, origin in _FLOWS
        ],
    )  # fmt: skip


def factors() -> pl.DataFrame:
    """Ten indicators: five parts under two GWP sets."""
    return frame(
        "characterisation_factor",
        [
            {
                "indicator": f"gwp100.{gwp_set}.{part}", "flow_id": flow, "gwp_set": gwp_set,
                "factor": gwps.get(flow, -1.0 if flow == UPTAKE else 1.0),
                "unit": "kg CO2e per kg", "source_ids": "yearbook",
            }
            for gwp_set, gwps in _GWP.items()
            for part, own in _PARTS.items()
            for flow in own
        ],
    )  # fmt: skip


def _sources() -> pl.DataFrame:
    return frame(
        "source",
        [
            {
                "source_id": "survey", "title_zh": "行业调查", "title_en": "Industry survey",
                "publisher_zh": "省级碳因子数据库", "publisher_en": "Maintainers",
                "licence": "Apache-2.0", "found_at": "confidential",
            },
            {
                "source_id": "yearbook", "title_zh": "统计年鉴 <2023>",
                "title_en": 'Yearbook "2023" & tables', "publisher_zh": "统计局",
                "publisher_en": "Bureau", "licence": None, "found_at": "https://example.org",
            },
        ],
    )  # fmt: skip


_PRODUCTS = (
    ("electricity.grid", "电力", "Electricity", "electricity", "kWh"),
    ("steel.iron", "生铁", "Pig iron", "steel", "kg"),
    ("steel.rebar", "螺纹钢", "Rebar", "steel", "kg"),
    ("steel.scrap", "废钢", "Steel scrap", "steel", "kg"),
    ("fuel.coal", "煤炭", "Coal", "fuel", "kg"),
    ("transport.road", "公路运输", "Road transport", "transport", "t*km"),
    ("board.particle", "刨花板", "Particle board & <MDF>", "board", "m3"),
    ("pv.module", "光伏组件", "PV module", "pv", "W"),
    ("appliance.heater", "热水器", "Water heater", "appliance", "item"),
    ("glass.float", "玻璃,浮法", "Float glass", "glass", "m2"),
    ("energy.heat_steam", "蒸汽", "Steam", "energy", "MJ"),
    ("waste.slag_treatment", "炉渣处置", "Treatment of slag", "waste", "kg"),
)

D = {
    name: uid(name)
    for name in (
        "grid", "coal", "iron", "rebar_bof", "rebar_eaf", "rebar_any", "rebar_small", "scrap",
        "road", "board", "module", "heater", "glass", "steam", "slag", "glass_hidden",
    )
}  # fmt: skip


def _dataset(name: str, product: str, technology: str = "any", **more: object) -> dict[str, object]:
    unit, en, zh = next((each[4], each[2], each[1]) for each in _PRODUCTS if each[0] == product)
    row: dict[str, object] = {
        "dataset_id": D[name], "dataset_version": 1, "version_text": "01.00.000",
        "name_zh": f"{zh}，{technology}，安徽", "name_en": f"{en}, {technology}, Anhui ({name})",
        "product_code": product, "technology": technology,
        "technology_zh": f"{technology} 工艺", "technology_en": f"{technology} route",
        "region_code": "340000", "location_code": "CN-AH", "year": 2023,
        "period_start": dt.date(2023, 1, 1), "period_end": dt.date(2023, 12, 31), "unit": unit,
        "process_type": "unit_process", "system_model": "cut_off", "allocation": "none",
        "system_boundary": "cradle_to_gate", "disclosure": "open", "merged_into": None,
        "contributors_band": "5-9", "value": 1.0, "primary_data_share": 61.25, "dqr": 2.1,
        "dqr_technological": 1.0, "dqr_geographical": 2.0, "dqr_temporal": 1.6,
        "dqr_precision": None, "quality_tier": "synthetic", "review_status": "not_reviewed",
        "licence": "Apache-2.0", "national_code": "3206010101", "cpc_code": "41241",
        "source_ids": "survey,yearbook", "known_at": dt.date(2024, 1, 20),
    }  # fmt: skip
    return {**row, **more}


def _exchange(
    dataset: str, number: int, amount: float, unit: str, *, flow: str | None = None,
    provider: str | None = None, kind: str | None = None, direction: str | None = None,
    sigma: float = 0.0, **more: object,
) -> dict[str, object]:  # fmt: skip
    emitted = flow is not None
    return {
        "dataset_id": D[dataset], "exchange_no": number,
        "kind": kind or ("elementary" if emitted else "product"),
        "direction": direction or ("output" if emitted else "input"), "flow_id": flow,
        "provider_id": D[provider] if provider else None, "amount": amount, "unit": unit,
        "origin": "primary", "stage": "process" if emitted else "raw_materials", "sigma": sigma,
        "dqr_te": 1.0, "dqr_ge": 2.0, "dqr_ti": 1.5, "dqr_p": None, **more,
    }  # fmt: skip


def small() -> Frames:
    """A release of sixteen datasets; frames are shared, the dict is the caller's own.

    Two technologies of rebar; coal, electricity, iron and scrap in a loop and a process that uses
    itself; a result with aggregated flows; one dataset merged through another, one withheld;
    particle board with three lines of biogenic carbon and a credit; eight units; ten indicators.
    """
    return dict(_small())


@functools.cache
def _small() -> Frames:
    datasets = [
        _dataset("grid", "electricity.grid"),
        _dataset("coal", "fuel.coal"),
        _dataset("iron", "steel.iron", "blast_furnace", allocation="mass"),
        _dataset("rebar_bof", "steel.rebar", "bf_bof"),
        _dataset("rebar_eaf", "steel.rebar", "eaf_scrap", review_status="external"),
        _dataset("rebar_any", "steel.rebar", disclosure="merged", merged_into=D["rebar_bof"]),
        _dataset("rebar_small", "steel.rebar", "induction", disclosure="merged",
                 merged_into=D["rebar_any"]),
        _dataset("scrap", "steel.scrap"),
        _dataset("road", "transport.road"),
        _dataset("board", "board.particle", allocation="system_expansion"),
        _dataset("module", "pv.module", contributors_band=None, primary_data_share=None, dqr=None,
                 technology=None, technology_en=None, technology_zh=None, review_status=None),
        _dataset("heater", "appliance.heater", licence="CC-BY-4.0"),
        _dataset("glass", "glass.float", disclosure="aggregated", process_type="result",
                 region_code="CN", location_code="CN"),
        _dataset("glass_hidden", "glass.float", "rolled", disclosure="withheld", value=None,
                 name_en=None),
        _dataset("steam", "energy.heat_steam"),
        _dataset("slag", "waste.slag_treatment"),
    ]  # fmt: skip
    exchanges = [
        _exchange("grid", 1, 0.45, "kg", provider="coal", sigma=0.05),
        _exchange("grid", 2, 0.81, "kg", flow=FOSSIL, sigma=0.02),
        _exchange("grid", 3, 1e-5, "kg", flow=NITROUS, sigma=0.4),
        _exchange("grid", 4, 0.04, "kWh", provider="grid"),
        _exchange("coal", 1, 0.03, "kWh", provider="grid", sigma=0.1),
        _exchange("coal", 2, 0.0064, "kg", flow=METHANE, sigma=0.5, origin="default"),
        _exchange("coal", 3, 0.05, "t*km", provider="road"),
        _exchange("road", 1, 0.08, "kg", flow=FOSSIL, sigma=0.15, origin="statistics"),
        _exchange("road", 2, 0.0002, "kg", provider="rebar_small"),
        _exchange("iron", 1, 0.5, "kg", provider="coal", sigma=0.08),
        _exchange("iron", 2, 1.35, "kg", flow=FOSSIL, sigma=0.03),
        _exchange("iron", 3, 0.31, "kg", kind="waste", direction="output", provider="slag"),
        _exchange("iron", 4, 0.02, "kg", kind="waste", direction="output"),
        _exchange("iron", 5, 1.0, "kg", kind="product", direction="output",
                  product_code="steel.iron"),
        _exchange("slag", 1, 0.004, "kWh", provider="grid"),
        _exchange("slag", 2, 0.001, "kg", flow=FOSSIL),
        _exchange("rebar_bof", 1, 0.92, "kg", provider="iron", sigma=0.02),
        _exchange("rebar_bof", 2, 0.15, "kg", provider="scrap", sigma=0.2),
        _exchange("rebar_bof", 3, 0.12, "kWh", provider="grid", sigma=0.1, stage="electricity"),
        _exchange("rebar_bof", 4, 0.07, "kg", flow=FOSSIL, sigma=0.1),
        _exchange("rebar_eaf", 1, 1.08, "kg", provider="scrap", sigma=0.03),
        _exchange("rebar_eaf", 2, 0.52, "kWh", provider="grid", sigma=0.08),
        _exchange("rebar_eaf", 3, 0.06, "kg", flow=FOSSIL, sigma=0.1, dqr_te=None, dqr_ge=None,
                  dqr_ti=None),
        _exchange("scrap", 1, 0.02, "kg", provider="rebar_any"),
        _exchange("scrap", 2, 0.04, "t*km", provider="road"),
        _exchange("board", 1, 1120.0, "kg", flow=UPTAKE, direction="input", sigma=0.04),
        _exchange("board", 2, 95.0, "kg", flow=BIOGENIC, sigma=0.1),
        _exchange("board", 3, 0.4, "kg", flow=METHANE_BIO, sigma=0.3),
        _exchange("board", 4, 3.0, "kg", flow=LAND, sigma=0.6),
        _exchange("board", 5, 130.0, "kWh", provider="grid", sigma=0.09),
        _exchange("board", 6, 850.0, "MJ", kind="product", direction="output", provider="steam",
                  sigma=0.12),
        _exchange("steam", 1, 0.045, "kg", provider="coal", sigma=0.1),
        _exchange("steam", 2, 0.088, "kg", flow=FOSSIL, sigma=0.05),
        _exchange("module", 1, 0.006, "m2", provider="glass"),
        _exchange("module", 2, 0.55, "kWh", provider="grid", sigma=0.2),
        _exchange("module", 3, 1e-6, "kg", flow=CF4, sigma=1.0),
        _exchange("heater", 1, 14.0, "kg", provider="rebar_eaf", sigma=0.1),
        _exchange("heater", 2, 3.5, "kWh", provider="grid"),
        _exchange("heater", 3, 0.0, "kg", flow=METHANE, sigma=0.2),
    ]  # fmt: skip
    frames = {
        "product": frame(
            "product",
            [
                {
                    "product_code": code, "name_zh": zh, "name_en": en, "chain": chain,
                    "unit": unit, "product_flow_id": uid(f"product {code}"),
                }
                for code, zh, en, chain, unit in _PRODUCTS
            ],
        ),
        "elementary_flow": flows(),
        "flow_mapping": frame(
            "flow_mapping",
            [
                {"flow_id": FOSSIL, "list": "fedefl", "target_id": uid("fedefl co2"),
                 "target_name": "Carbon dioxide", "target_unit": "kg", "factor": 1.0},
                {"flow_id": FOSSIL, "list": "ecoinvent", "target_id": uid("ecoinvent co2"),
                 "target_name": "Carbon dioxide, fossil", "target_unit": "kg", "factor": 1.0},
            ],
        ),
        "characterisation_factor": factors(),
        "background_dataset": frame("background_dataset", datasets),
        "background_exchange": frame("background_exchange", exchanges),
        "background_inventory": frame(
            "background_inventory",
            [
                {"dataset_id": D["glass"], "flow_id": flow, "direction": "output",
                 "amount": amount, "unit": "kg"}
                for flow, amount in ((FOSSIL, 8.75), (METHANE, 0.0125), (NITROUS, 0.0003))
            ],
        ),
        "background_allocation": frame(
            "background_allocation",
            [
                {"dataset_id": D["iron"], "product_code": "steel.iron", "method": "mass",
                 "factor": 0.94},
                {"dataset_id": D["iron"], "product_code": "fuel.bf_gas", "method": "mass",
                 "factor": 0.06},
            ],
        ),
        "background_unallocated": frame(
            "background_unallocated",
            [{"dataset_id": D["iron"], "exchange_no": 1, "kind": "elementary", "amount": 1.4}],
        ),
        "region": frame(
            "region",
            [
                {"region_code": "340000", "name_zh": "安徽", "name_en": "Anhui"},
                {"region_code": "CN", "name_zh": "中国", "name_en": "China"},
            ],
        ),
        "source": _sources(),
    }  # fmt: skip
    return with_scores(frames)


MERGED_TO = {D["rebar_any"]: D["rebar_bof"], D["rebar_small"]: D["rebar_bof"]}


def matrices(
    frames: Frames, merged: dict[str, str] | None = None
) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """Technosphere and biosphere of the published datasets, dense, put together row by row.

    Written without the code under test: datasets, flows, T (product x process), B (flow x process).
    """
    led = MERGED_TO if merged is None else merged
    datasets = [
        each["dataset_id"]
        for each in frames["background_dataset"].sort("dataset_id").iter_rows(named=True)
        if each["disclosure"] in ("open", "aggregated")
    ]
    flow_ids = frames["elementary_flow"].sort("flow_id")["flow_id"].to_list()
    place = {each: number for number, each in enumerate(datasets)}
    row_of = {each: number for number, each in enumerate(flow_ids)}
    technosphere, biosphere = np.eye(len(datasets)), np.zeros((len(flow_ids), len(datasets)))
    for each in frames["background_exchange"].iter_rows(named=True):
        column = place[each["dataset_id"]]
        if each["kind"] == "elementary":
            biosphere[row_of[each["flow_id"]], column] += each["amount"]
        elif each["provider_id"] is not None:
            provider = place[led.get(each["provider_id"], each["provider_id"])]
            is_credit = each["kind"] == "product" and each["direction"] == "output"
            technosphere[provider, column] += each["amount"] if is_credit else -each["amount"]
    for each in frames["background_inventory"].iter_rows(named=True):
        biosphere[row_of[each["flow_id"]], place[each["dataset_id"]]] += each["amount"]
    return datasets, flow_ids, technosphere, biosphere


def scores(frames: Frames, merged: dict[str, str] | None = None) -> dict[tuple[str, str], float]:
    """Scores of every published dataset and indicator by a dense solve of its own."""
    datasets, flow_ids, technosphere, biosphere = matrices(frames, merged)
    found = {}
    for (indicator,), rows in frames["characterisation_factor"].group_by("indicator"):
        factor = dict(rows.select("flow_id", pl.col("factor").cast(pl.Float64)).iter_rows())
        weights = np.array([factor.get(flow, 0.0) for flow in flow_ids])
        solved = np.linalg.solve(technosphere.T, weights @ biosphere)
        found |= {
            (each, str(indicator)): float(value)
            for each, value in zip(datasets, solved, strict=True)
        }
    return found


def with_scores(frames: Frames, merged: dict[str, str] | None = None) -> Frames:
    """The release with its published scores."""
    rows = [
        {"dataset_id": dataset, "indicator": indicator, "value": value, "unit": "kg CO2e"}
        for (dataset, indicator), value in scores(frames, merged).items()
    ]
    return {**frames, "background_score": frame("background_score", rows)}


def random_release(count: int, seed: int, *, with_score: bool = True) -> Frames:
    """A release of `count` datasets, each buying from some others: solvable, loops included."""
    rng = np.random.default_rng(seed)
    ids = [uid(f"random {seed} {place}") for place in range(count)]
    units = ["kg", "kWh", "MJ", "m3", "m2", "item", "t*km", "W"]
    products = [(f"chain_{place % 7}.product_{place}", units[place % 8]) for place in range(count)]
    template = _dataset("grid", "electricity.grid")
    results = set(np.flatnonzero(rng.random(count) < 0.1).tolist())
    datasets = [
        {
            **template, "dataset_id": ids[place], "product_code": code, "unit": unit,
            "name_en": f"Product {place}, Anhui", "name_zh": f"产品 {place}，安徽",
            "process_type": "result" if place in results else "unit_process",
            "disclosure": "aggregated" if place in results else "open",
        }
        for place, (code, unit) in enumerate(products)
    ]  # fmt: skip
    flow_ids = flows()
    exchanges: list[dict[str, object]] = []
    inventory: list[dict[str, object]] = []
    for place in range(count):
        emitted = rng.choice(flow_ids.height, size=4, replace=False)
        for number, flow in enumerate(emitted, start=1):
            row = {
                "dataset_id": ids[place], "flow_id": flow_ids["flow_id"][int(flow)],
                "direction": flow_ids["direction"][int(flow)], "unit": "kg",
                "amount": float(rng.lognormal(-3, 2)),
            }  # fmt: skip
            if place in results:
                inventory.append(row)
            else:
                exchanges.append(
                    {**row, "exchange_no": number, "kind": "elementary", "origin": "primary",
                     "stage": "process", "sigma": float(rng.choice([0.0, 0.1, 0.3])),
                     "dqr_te": 2.0, "dqr_ge": 1.0, "dqr_ti": 3.0, "dqr_p": 2.0}
                )  # fmt: skip
        if place in results:
            continue
        bought = int(rng.integers(0, min(count, 24) + 1))
        providers = rng.choice(count, size=bought, replace=False)
        shares = rng.dirichlet(np.ones(bought + 1)) * 0.7 if bought else []
        for number, provider in enumerate(providers, start=10):
            exchanges.append(
                {"dataset_id": ids[place], "exchange_no": number, "kind": "product",
                 "direction": "input", "provider_id": ids[int(provider)],
                 "amount": float(shares[number - 10]), "unit": products[int(provider)][1],
                 "origin": "primary", "stage": "raw_materials", "sigma": 0.1, "dqr_te": 2.0,
                 "dqr_ge": 1.0, "dqr_ti": 3.0, "dqr_p": 2.0}
            )  # fmt: skip
    frames = {
        **{name: rows for name, rows in small().items() if name in {
            "elementary_flow", "flow_mapping", "characterisation_factor", "region", "source"}},
        "product": frame("product", [
            {"product_code": code, "name_zh": f"产品 {code}", "name_en": f"Product {code}",
             "chain": code.split(".")[0], "unit": unit} for code, unit in products]),
        "background_dataset": frame("background_dataset", datasets),
        "background_exchange": frame("background_exchange", exchanges),
        "background_inventory": frame("background_inventory", inventory),
    }  # fmt: skip
    return with_scores(frames, {}) if with_score else frames
