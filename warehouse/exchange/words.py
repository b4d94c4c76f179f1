"""What a background dataset says of itself in words, in both languages.

Belongs here: sentences and terms that more than one exchange format writes. Does not belong here:
where a format puts them.

Chinese and English stand apart: a reader of ILCD takes each text in its language, and TIDAS refuses
Chinese characters in a text that is marked English.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from warehouse.exchange import vocabulary
from warehouse.formats.facts import ReleaseFacts

Row = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Text:
    """One text in English and Chinese."""

    en: str
    zh: str


INDICATORS = (
    ("dqr_technological", Text("Technological representativeness", "技术代表性")),
    ("dqr_geographical", Text("Geographical representativeness", "地理代表性")),
    ("dqr_temporal", Text("Time representativeness", "时间代表性")),
    ("dqr_precision", Text("Precision", "精度")),
)
"""The four indicators of the data quality rating, in the order of every score text."""

SCORES = (
    Text("Very good", "很好"),
    Text("Good", "好"),
    Text("Fair", "一般"),
    Text("Poor", "差"),
    Text("Very poor", "很差"),
)
"""Words for the scores 1 to 5."""

PURPOSE = Text("Background data for product carbon footprints.", "产品碳足迹背景数据。")

COMPLETENESS = Text(
    "All exchanges of the questionnaire's sections; no cut-off by share. Greenhouse gases only.",
    "覆盖问卷全部章节，不按比例取舍；仅限温室气体。",
)

ALLOCATIONS: Mapping[str, Text] = MappingProxyType(
    {
        "mass": Text("allocation by mass", "按质量分配"),
        "energy": Text("allocation by energy content", "按能量分配"),
        "economic": Text("allocation by value", "按经济价值分配"),
        "system_expansion": Text(
            "system expansion; credits are inputs of negative amount",
            "系统扩展；抵扣以负的输入量表示",
        ),
        "none": Text("one product, no allocation", "单一产品，无需分配"),
    }
)
_DISCLOSURES = {
    vocabulary.OPEN: Text("All exchanges are shown.", "公开全部输入输出。"),
    vocabulary.AGGREGATED: Text(
        "Published as an aggregated result, because the exchanges of contributing plants may not "
        "be shown.",
        "因保护企业数据，仅发布汇总结果。",
    ),
}


def score(value: float | None) -> int | None:
    """Return a data quality score as one of 1 to 5; nothing stays nothing."""
    if value is None:
        return None
    return min(5, max(1, int(value + 0.5)))


def entry(values: Sequence[float | None]) -> str:
    """Return scores as openLCA writes them, `(2;1;n.a.;3)`; empty where no score is known."""
    scores = [score(value) for value in values]
    if all(each is None for each in scores):
        return ""
    return "(" + ";".join("n.a." if each is None else str(each) for each in scores) + ")"


def allocation(row: Row) -> Text:
    """Say how a dataset shares between co-products."""
    known = ALLOCATIONS.get(row["allocation"] or "none")
    return known or Text(f"allocation: {row['allocation']}", f"分配方法：{row['allocation']}")


def technology(row: Row) -> Text:
    """Name the technology of a dataset."""
    return Text(
        row["technology_en"] or row["technology"] or "any technology",
        row["technology_zh"] or "不区分技术",
    )


def mix(row: Row) -> Text:
    """Say what kind of average a dataset is and where."""
    return Text(
        f"production mix, at plant, {row['region_en']}", f"生产平均，出厂，{row['region_zh']}"
    )


def boundary(row: Row) -> Text:
    """Say where the system ends."""
    known = {
        "cradle_to_gate": Text("cradle to gate", "从摇篮到大门"),
        "gate_to_gate": Text("gate to gate", "从大门到大门"),
        "cradle_to_grave": Text("cradle to grave", "从摇篮到坟墓"),
    }
    stated = row["system_boundary"] or "not stated"
    return known.get(stated, Text(stated.replace("_", " "), f"系统边界：{stated}"))


def comment(row: Row, facts: ReleaseFacts, merged: Sequence[Row]) -> Text:
    """Say what a user must know before using a dataset; the channel of the release comes first."""
    how, where = allocation(row), boundary(row)
    en = [f"Release {facts.release_id}, channel {facts.channel_en}"]
    zh = [f"版本 {facts.release_id}，渠道 {facts.channel_zh}"]
    shown = _DISCLOSURES[row["disclosure"]]
    model = row["system_model"] or "not stated"
    en += [shown.en, f"System boundary: {where.en}; system model: {model}; {how.en}."]
    zh += [shown.zh, f"系统边界：{where.zh}；系统模型：{model}；{how.zh}。"]
    if row["contributors_band"]:
        en.append(f"Contributing enterprise groups: {row['contributors_band']}.")
        zh.append(f"参与企业集团数：{row['contributors_band']}。")
    if row["primary_data_share"] is not None:
        en.append(f"Share of primary data: {row['primary_data_share']:g} %.")
        zh.append(f"初级数据占比：{row['primary_data_share']:g} %。")
    if row["dqr"] is not None:
        en.append(f"Data quality rating: {row['dqr']:g} (1 is best, 5 worst).")
        zh.append(f"数据质量评分：{row['dqr']:g}（1 最好，5 最差）。")
    if row["quality_tier"]:
        en.append(f"Quality tier: {row['quality_tier']}.")
        zh.append(f"质量等级：{row['quality_tier']}。")
    en.append(f"Review status: {row['review_status'] or 'not_reviewed'}.")
    zh.append(f"评审状态：{row['review_status'] or 'not_reviewed'}。")
    if row["without_treatment"]:
        en.append(
            f"Wastes without a treatment data set are left out here ({row['without_treatment']}); "
            "they stand in table background_exchange."
        )
        zh.append(
            f"无处置数据集的废物未列入（{row['without_treatment']} 项），"
            "见 background_exchange 表。"
        )
    if merged:
        named = "; ".join(f"{each['name_en']} ({each['dataset_id']})" for each in merged)
        en.append(f"Also stands for data sets that were merged into it: {named}.")
        zh.append(f"并代表并入本数据集的：{'；'.join(each['name_zh'] for each in merged)}。")
    en.append(f"Licence: {row['licence']}. Cite: release {facts.release_id}.")
    zh.append(f"许可：{row['licence']}。引用时注明版本 {facts.release_id}。")
    return Text(" ".join(en), "".join(zh))


def classes(row: Row) -> list[tuple[str, str]]:
    """Return the classifications of a product that the tables state: system and code."""
    stated = (("National product code", "national_code"), ("UN product classification", "cpc_code"))
    return [(system, row[column]) for system, column in stated if row[column]]


def source_ids(text: str | None) -> list[str]:
    """Return the single ids of a `source_ids` text, in order, each once."""
    return sorted({part.strip() for part in (text or "").split(",") if part.strip()})
