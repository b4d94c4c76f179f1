"""The names of technologies as dbt knows them, from the contracts of the industries.

Belongs here: writing `dbt_project/seeds/background_technology.csv`. Run as a program it writes the
file anew; a test says when it is stale:

    python -m tests.dbt.technology_names
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ingestion.industry import industry_names, load_industry
from orchestration.settings import DBT_PROJECT

SEED = Path(DBT_PROJECT) / "seeds" / "background_technology.csv"
COLUMNS = ("product_code", "technology", "name_zh", "name_en")

# Processes that no plant reports; `*` stands for every product.
_GENERAL = (
    ("*", "any", "不分技术", "any technology"),
    ("*", "market", "市场组合", "market mix"),
    ("*", "default", "缺省清单", "default inventory"),
    ("electricity.grid", "consumption_mix", "用电组合", "consumption mix at the user"),
    ("electricity.grid", "residual_mix", "剩余组合", "residual mix at the user"),
)
_SUPPLIES = (
    ("coal", "煤电", "coal power"), ("gas", "气电", "gas power"), ("oil", "油电", "oil power"),
    ("biomass", "生物质发电", "biomass power"), ("hydro", "水电", "hydropower"),
    ("nuclear", "核电", "nuclear power"), ("wind", "风电", "wind power"),
    ("solar", "光伏发电", "solar power"),
)  # fmt: skip


def rows() -> list[tuple[str, str, str, str]]:
    """Return product, technology and both names, sorted; a co-product is named by what it joins."""
    found = set(_GENERAL)
    for code, name_zh, name_en in _SUPPLIES:
        found.add(("electricity.grid", code, f"绿色电力：{name_zh}", f"{name_en} by certificate"))
        found.add(
            ("electricity.grid", f"direct_line_{code}", f"直供：{name_zh}", f"{name_en}, own line")
        )
    for name in industry_names():
        industry = load_industry(name)
        for product in industry.products:
            for way in product.technologies:
                found.add((product.product_code, way.technology, way.name_zh, way.name_en))
                joint = f"{product.product_code.replace('.', '_')}_{way.technology}"
                for code in product.co_products:
                    found.add(
                        (
                            code,
                            joint,
                            f"{product.name_zh}（{way.name_zh}）的联产品",
                            f"co-product of {product.name_en} ({way.name_en})",
                        )
                    )
    return sorted(found)


def rendered() -> str:
    """Return the text of the seed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows())
    return text.getvalue()


if __name__ == "__main__":
    SEED.write_text(rendered(), encoding="utf-8")
