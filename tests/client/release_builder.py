"""Writes small registries in the form that the client reads, signed or not.

Belongs here: a publisher of a few made-up factors, written from the description of the format and
from nothing of the pipeline. Does not belong here: tests.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

REGIONS = [
    ("370000", "province", "CN", "山东", "Shandong"),
    ("150000", "province", "CN", "内蒙古", "Inner Mongolia"),
    ("150400", "prefecture", "150000", "赤峰市", "Chifeng"),
    ("CN", "nation", None, "全国", "China"),
    ("GRID_EAST", "grid_region", "CN", "华东", "East China grid"),
]
MONTHS = [(2023, month) for month in range(1, 12)]
VALUE = pa.decimal128(18, 12)

# factor_kind, technology, gas_scope, gwp_set, system_boundary, includes_td_losses, basis, unit
SERIES = [
    ("supply_average", "all", "CO2", "none", "direct", False, "network", "kgCO2/kWh"),
    ("supply_average", "all", "CO2", "none", "direct", False, "generation", "kgCO2/kWh"),
    ("supply_average", "all", "CO2e", "AR5", "direct", False, "network", "kgCO2e/kWh"),
    ("supply_average", "all", "CO2e", "AR6", "direct", False, "network", "kgCO2e/kWh"),
    ("consumption_mix", "all", "CO2", "none", "direct", False, "network", "kgCO2/kWh"),
    ("life_cycle", "coal", "CO2e", "AR5", "user", True, "none", "kgCO2e/kWh"),
    ("life_cycle", "coal", "CO2e", "AR5", "user", False, "none", "kgCO2e/kWh"),
    ("life_cycle", "wind", "CO2e", "AR5", "user", True, "none", "kgCO2e/kWh"),
]


def month_end(year: int, month: int) -> dt.date:
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


def make_tables() -> dict[str, pa.Table]:
    """Make region, electricity_factor and factor_history."""
    periods = [(dt.date(2022, 1, 1), dt.date(2022, 12, 31), "year", "2022")]
    periods += [(dt.date(y, m, 1), month_end(y, m), "month", f"{y}-{m:02}") for y, m in MONTHS]
    rows = []
    for number, series in enumerate(SERIES):
        kind, technology, gas, gwp, boundary, losses, basis, unit = series
        for place, region in enumerate(REGIONS):
            code, _, _, name_zh, name_en = region
            if kind == "supply_average" and code == "150400":
                continue
            for step, (start, end, resolution, name) in enumerate(periods):
                value = Decimal("0.5") + Decimal(number * 1000 + place * 100 + step) / 10**6
                rows.append(
                    {
                        "factor_id": f"electricity.{kind}.{number}.{code}.{name}",
                        "region_code": code,
                        "region_name_zh": name_zh,
                        "region_name_en": name_en,
                        "period_start": start,
                        "period_end": end,
                        "resolution": resolution,
                        "factor_kind": kind,
                        "technology": technology,
                        "gas_scope": gas,
                        "gwp_set": gwp,
                        "system_boundary": boundary,
                        "includes_td_losses": losses,
                        "import_factor_basis": basis,
                        "value": value,
                        "unit": unit,
                        "lower_95": value - Decimal("0.1"),
                        "upper_95": None if step == 0 else value + Decimal("0.1"),
                        "known_at": end + dt.timedelta(days=50),
                        "note_en": None,
                    }
                )
    rows.sort(key=lambda row: row["factor_id"])
    history = []
    for row in rows:
        if row["factor_kind"] != "supply_average" or row["resolution"] != "month":
            continue
        first = row["period_end"] + dt.timedelta(days=20)
        second = row["period_end"] + dt.timedelta(days=50)
        kept = {name: row[name] for name in ("factor_id", "unit")}
        history += [
            kept
            | {
                "known_on": first,
                "superseded_on": second,
                "value": row["value"] + Decimal("0.01"),
                "maturity": "provisional",
            },
            kept
            | {
                "known_on": second,
                "superseded_on": None,
                "value": row["value"],
                "maturity": "final",
            },
        ]
    factor_schema = pa.schema(
        [
            *(
                (name, pa.string())
                for name in ("factor_id", "region_code", "region_name_zh", "region_name_en")
            ),
            ("period_start", pa.date32()),
            ("period_end", pa.date32()),
            *(
                (name, pa.string())
                for name in (
                    "resolution",
                    "factor_kind",
                    "technology",
                    "gas_scope",
                    "gwp_set",
                    "system_boundary",
                )
            ),
            ("includes_td_losses", pa.bool_()),
            ("import_factor_basis", pa.string()),
            pa.field("value", VALUE, metadata={"unit": "kg per kWh", "description_en": "Factor"}),
            ("unit", pa.string()),
            ("lower_95", VALUE),
            ("upper_95", VALUE),
            ("known_at", pa.date32()),
            ("note_en", pa.string()),
        ]
    )
    history_schema = pa.schema(
        [
            ("factor_id", pa.string()),
            ("known_on", pa.date32()),
            ("superseded_on", pa.date32()),
            ("value", VALUE),
            ("unit", pa.string()),
            ("maturity", pa.string()),
        ]
    )
    columns = ("region_code", "level", "parent_code", "name_zh", "name_en")
    return {
        "electricity_factor": pa.Table.from_pylist(rows, factor_schema),
        "factor_history": pa.Table.from_pylist(history, history_schema),
        "region": pa.Table.from_pylist(
            [dict(zip(columns, region, strict=True)) for region in sorted(REGIONS)],
            pa.schema([(name, pa.string()) for name in columns]),
        ),
    }


TABLES = make_tables()


def canonical(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2)
    return text.encode() + b"\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Publisher:
    """A registry folder and who publishes to it."""

    def __init__(
        self, folder: Path, key: Ed25519PrivateKey | None = None, version: int = 2, name: str = "a"
    ) -> None:
        self.folder = folder
        self.key = key
        self.version = version
        self.name = name
        self.entries: list[dict[str, Any]] = []
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def key_id(self) -> str | None:
        if self.key is None:
            return None
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return "ed25519:" + sha256(raw)[:16]

    def write_public_key(self, path: Path) -> Path:
        assert self.key is not None
        path.write_bytes(
            self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        return path

    def publish(self, release_id: str, channel: str = "stable") -> Path:
        """Write a release, enter it in the index, and return its folder."""
        folder = self.folder / release_id
        (folder / "tables").mkdir(parents=True)
        tables, files = [], {}
        for name, table in TABLES.items():
            path = f"tables/{name}.parquet"
            pq.write_table(table, folder / path, row_group_size=100)
            files[path] = (folder / path).read_bytes()
            tables.append(self._table(name, path, table))
        files["gate_report.json"] = canonical({"checks": [release_id, self.name]})
        (folder / "gate_report.json").write_bytes(files["gate_report.json"])
        previous = self.entries[-1] if self.entries else None
        record = {
            "manifest_version": self.version,
            "release_id": release_id,
            "release_month": release_id[:7].replace(".", "-"),
            "channel": channel,
            "code_version": "0.1.0+test",
            "parameters": {"as_of": "2024-06-30"},
            "inputs": [],
            "tables": tables,
            "files": [
                {"path": path, "bytes": len(content), "sha256": sha256(content)}
                for path, content in sorted(files.items())
            ],
            "previous_release": previous
            and {name: previous[name] for name in ("release_id", "manifest_sha256")},
            "gate": {"report": "gate_report.json", "checks": 1, "warnings": [], "waivers": []},
            "snapshot": {"path": "snapshot.duckdb", "holds": "the tables"},
        }
        if self.version > 1:
            record["signing_key_id"] = self.key_id
        self.seal(folder, record)
        return folder

    def seal(self, folder: Path, record: dict[str, Any]) -> None:
        """Write manifest, sums, signature and index entry of a release whose files lie there."""
        manifest = canonical(record)
        (folder / "manifest.json").write_bytes(manifest)
        hashes = {file["path"]: file["sha256"] for file in record["files"]}
        hashes["manifest.json"] = sha256(manifest)
        sums = "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))
        (folder / "SHA256SUMS").write_text(sums)
        (folder / "snapshot.duckdb").write_bytes(b"a convenience")
        (folder / "build_info.json").write_bytes(b"{}")
        if self.key is not None and self.version > 1:
            (folder / "signature.json").write_bytes(canonical(self.signature(manifest)))
        entry = {
            "release_id": record["release_id"],
            "release_month": record["release_month"],
            "state": "published",
            "channel": record["channel"],
            "manifest_sha256": sha256(manifest),
            "previous_release": self.entries[-1]["release_id"] if self.entries else None,
        }
        if self.version > 1:
            entry |= {"reason": None, "replacement": None}
        self.entries = [e for e in self.entries if e["release_id"] != record["release_id"]]
        self.entries.append(entry)
        self.write_index()

    def signature(self, manifest: bytes) -> dict[str, Any]:
        assert self.key is not None
        return {
            "signature_version": 1,
            "key_id": self.key_id,
            "algorithm": "ed25519",
            "manifest_sha256": sha256(manifest),
            "signature": base64.b64encode(self.key.sign(manifest)).decode(),
        }

    def state(
        self,
        release_id: str,
        state: str,
        reason: str = "a wrong input",
        replacement: str | None = None,
        in_index: bool = True,
    ) -> Path:
        """State that a release is superseded or withdrawn."""
        entry = next(entry for entry in self.entries if entry["release_id"] == release_id)
        record: dict[str, Any] = {
            "state_version": 1,
            "release_id": release_id,
            "manifest_sha256": entry["manifest_sha256"],
            "state": state,
            "reason": reason,
            "replacement": replacement,
            "stated_by": "someone",
            "stated_on": "2024-03-01",
            "key_id": self.key_id,
        }
        signature = (
            base64.b64encode(self.key.sign(canonical(record))).decode() if self.key else None
        )
        path = self.folder / "states" / f"{release_id}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(canonical(record | {"signature": signature}))
        if in_index:
            entry |= {"state": state, "reason": reason, "replacement": replacement}
            self.write_index()
        return path

    def write_index(self) -> None:
        index = {"index_version": self.version, "releases": self.entries}
        (self.folder / "index.json").write_bytes(canonical(index))
        alive = [entry for entry in self.entries if entry["state"] != "withdrawn"]
        if alive:
            newest = max(alive, key=lambda entry: entry["release_id"])
            pointer = {name: newest[name] for name in ("release_id", "manifest_sha256")}
            (self.folder / "latest.json").write_bytes(canonical(pointer))

    def rewrite(self, release_id: str, change: dict[str, Any]) -> None:
        """Change fields of a manifest and register it anew, as a dishonest publisher could."""
        folder = self.folder / release_id
        record = json.loads((folder / "manifest.json").read_bytes()) | change
        self.seal(folder, record)

    def _table(self, name: str, path: str, table: pa.Table) -> dict[str, Any]:
        record: dict[str, Any] = {
            "name": name,
            "path": path,
            "rows": table.num_rows,
            "content_hash": sha256(f"{self.name} {name}".encode()),
            "primary_key": [table.column_names[0]],
        }
        if self.version > 1:
            record["contract_version"] = "1.0.0"
            record["columns"] = [
                {
                    "name": field.name,
                    "type": str(field.type),
                    "unit": (field.metadata or {}).get(b"unit", b"").decode() or None,
                    "description_en": "A column",
                    "description_zh": "列",
                }
                for field in table.schema
            ]
        return record
