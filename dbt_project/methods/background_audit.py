"""The proof after the decision: what of anybody follows from everything published.

Belongs here: findings in the joint tables of what is published (`background_joint_tables`), as
sentences. Does not belong here: the decision (`background_decision`), linear programmes.

A withheld cell must stay unknown in what is unsafe of it; what is safe of it could be published,
and may follow.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from dbt_project.methods.background_disclosure import HEADLINE
from dbt_project.methods.background_joint_tables import (
    ELECTRICITY_USE,
    STAGES,
    WHOLE,
    AuditFrames,
    JointTable,
    joint_tables,
)
from dbt_project.methods.disclosure.audit import audit_cells, audit_groups
from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules

FINDING = {
    "rule": pl.String(),
    "severity": pl.String(),
    "product_code": pl.String(),
    "year": pl.Int64(),
    "quantity": pl.String(),
    "cell_id": pl.String(),
    "sentence_en": pl.String(),
    "sentence_zh": pl.String(),
}
_FURTHER = {"en": {WHOLE: "withhold a further cell", STAGES: "show no stages of a further cell",
                   ELECTRICITY_USE: "show no electricity of a further cell"},
            "zh": {WHOLE: "须再隐去其中一个单元", STAGES: "须再隐去其中一个单元的阶段数值",
                   ELECTRICITY_USE: "须再隐去其中一个单元的电力数值"}}  # fmt: skip
_SENTENCE = {
    "DC100": (
        "DC100: a contributor's {quantity} in {cell} follows from what is published of "
        "{products}: {further} of them",
        "DC100:{cell} 中一个填报企业的 {quantity} 可由 {products} 已公布的数值推算:{further}",
    ),
    "DC101": (
        "DC101: {quantity} of {cell} is withheld, but follows from what is published of "
        "{products}: {further} of them",
        "DC101:{cell} 的 {quantity} 已隐去,但可由 {products} 已公布的数值推算:{further}",
    ),
    "DC102": (
        "DC102: the published {quantity} of {products} is not the mean of those who are said to "
        "stand behind it, so that nothing can be proved of it: compare int_plant_quantity with "
        "what is published",
        "DC102:{products} 已公布的 {quantity} 不是其填报企业的均值,无法证明其安全:"
        "请核对 int_plant_quantity 与已公布的数值",
    ),
}


def audit_published(frames: AuditFrames, rules: DisclosureRules) -> pl.DataFrame:
    """List whatever follows from everything published: `FINDING`, sorted. Empty is what is wanted.

    Products made together and a year of which nothing is published, now or before, need no proof.
    """
    rows = []
    for table in joint_tables(frames, rules):
        products = ", ".join(sorted({cell.split("|")[0] for cell in table.cell}))
        rows += [
            (rule, _severity(rule, table.quantity), *_product_year(cell or table.component),
             table.quantity, None if rule == "DC102" else cell,
             *_sentences(rule, products, table, cell))
            for rule, cell in _table_findings(table, rules)
        ]  # fmt: skip
    return pl.DataFrame(rows, schema=FINDING, orient="row").sort(list(FINDING)[:6])


def _table_findings(table: JointTable, rules: DisclosureRules) -> list[tuple[str, str | None]]:
    """Findings of one table: rule and cell, of DC102 a cell whose figure is no mean."""
    try:
        places = audit_groups(table.published, rules)["places"].explode().drop_nulls().unique()
        cells = audit_cells(table.published, table.unsafe, rules)
    except DisclosureError:
        return [("DC102", _no_mean(table))]
    found = table.places(places.to_list()) if len(places) else []
    unprotected = cells.filter(~pl.col("is_protected"))["cell_id"]
    return [("DC100", place) for place in found] + [("DC101", cell) for cell in unprotected]


def _no_mean(table: JointTable) -> str | None:
    """Return the cell whose figure lies farthest from the mean of those who stand behind it."""
    known = table.published
    off = np.abs(known.holds @ known.value - known.total) - known.slack
    size = np.abs(known.total) + known.slack
    far = np.divide(off, size, out=np.zeros(len(off)), where=size > 0)
    return str(table.cell[int(np.argmax(far))]) if len(far) else None


def _product_year(cell: str) -> tuple[str, int]:
    return cell.split("|")[0], int(cell.split("|")[-1])


def _severity(rule: str, quantity: str) -> str:
    """Say whether a finding stops a release: a cell's flow, stage or electricity alone, whose
    contributors all stay unknown (else it is found for itself), does not.
    """
    return "warning" if rule == "DC101" and quantity != HEADLINE else "error"


def _sentences(rule: str, products: str, table: JointTable, cell: str | None) -> tuple[str, ...]:
    return tuple(
        text.format(
            products=products,
            quantity=table.quantity,
            cell=(cell or "").replace("|", " "),
            further=_FURTHER[language][table.part],
        )
        for language, text in zip(("en", "zh"), _SENTENCE[rule], strict=True)
    )
