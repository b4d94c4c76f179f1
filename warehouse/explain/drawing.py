"""Draws an explanation as a tree.

Belongs here: words, figures and branches. Does not belong here: finding anything out.
"""

from __future__ import annotations

from typing import Any

from rich.text import Text
from rich.tree import Tree

from warehouse.explain.explanation import Explanation
from warehouse.explain.inputs import Node

_PART_TITLES = {
    "technology": "Technologies 发电技术",
    "own_generation": "Own generation and imports 本地发电与调入",
    "import": "Own generation and imports 本地发电与调入",
    "origin": "Where it was generated 电量来源地",
    "uncertified": "Uncertified generation and national pool 未认证电量与全国剩余池",
    "pool": "Uncertified generation and national pool 未认证电量与全国剩余池",
    "official_value": "Official value 公布值",
}

_PART_NAMES = {
    "uncertified": "uncertified generation that arrives",
    "pool": "national pool, net",
    "storage": "lost in storage",
}


def draw(explanation: Explanation) -> Tree:
    """Return the explanation as a tree for rich."""
    factor = explanation.factor
    unit = factor["unit"]
    tree = Tree(
        Text.assemble(
            (factor["factor_id"], "bold"),
            f"  {factor['region_name_en']} {factor['region_name_zh']}\n",
            (f"{_figure(factor['value'], factor)} {unit}", "bold green"),
            f"  95 % {_figure(factor['lower_95'], factor)} to {_figure(factor['upper_95'], factor)}"
            f"  median {_figure(factor['median'], factor)}",
        )
    )
    _quality(tree, factor)
    _method(tree, explanation)
    _parts(tree, explanation)
    _gases(tree, explanation)
    _delivery(tree, explanation)
    _inputs(tree, explanation.inputs)
    _check(tree, explanation)
    return tree


def _quality(tree: Tree, factor: dict[str, Any]) -> None:
    parts = ("technological", "geographical", "temporal", "precision")
    scores = ", ".join(f"{part} {factor[f'dqr_{part}']}" for part in parts)
    shares = ", ".join(
        f"{share} {float(factor[f'{share}_share']):.1%}"
        for share in ("reported", "completed", "modelled")
    )
    branch = tree.add("Quality 质量")
    branch.add(Text(f"data-quality rating {factor['dqr']} ({scores})"))
    branch.add(Text(f"of the energy behind it: {shares}"))
    branch.add(
        Text(
            f"{factor['quality_tier']}, {factor['maturity']}, known at {factor['known_at']}, "
            f"sources {factor['source_ids']}"
        )
    )
    for note in (factor["note_en"], factor["note_zh"]):
        if note:
            branch.add(Text(note, style="yellow"))


def _method(tree: Tree, explanation: Explanation) -> None:
    method = explanation.method
    branch = tree.add(Text(f"Method 方法  {method['name_en']} {method['name_zh']}"))
    branch.add(Text(f"{method['equation']}", style="cyan"))
    branch.add(Text(f"{method['boundary_en']}  {method['boundary_zh']}"))
    branch.add(Text(f"{method['source_en']}  {method['source_zh']}"))
    branch.add(Text(f"{method['method_id']}, docs/methods.md section {method['document_section']}"))


def _parts(tree: Tree, explanation: Explanation) -> None:
    parts = explanation.parts
    if not parts:
        return
    factor = explanation.factor
    branch = tree.add(_PART_TITLES[parts[0]["part"]])
    for part in parts:
        name = _PART_NAMES.get(part["name"], part["title"])
        if part["part"] == "official_value":
            line = f"{name}: {_figure(part['kg_per_kwh'], factor)} {factor['unit']}"
            if factor["technology"] == "oil":
                line += ", the value of coal times the carbon of fuel oil against coal"
        elif part["part"] == "storage":
            line = f"{name}: {part['energy_mwh']:,.0f} MWh, whose emissions the rest bears"
        else:
            line = (
                f"{name}: {part['energy_mwh']:,.0f} MWh x "
                f"{_figure(part['kg_per_kwh'], factor)} = {part['amount_kg'] / 1000:,.3f} t"
                f"  -> {_figure(part['contribution'], factor)}"
            )
        if part["part"] == "import":
            line = f"import from {line}"
        leaf = branch.add(Text(line))
        if part["part_factor_id"]:
            leaf.add(Text(part["part_factor_id"], style="dim"))
    if parts[0]["part"] != "official_value":
        sums = explanation.sums
        branch.add(
            Text(
                f"together: {sums['energy_mwh']:,.0f} MWh, {sums['amount_kg'] / 1000:,.3f} t "
                f"-> {_figure(sums['mix_value'], factor)}",
                style="bold",
            )
        )


def _gases(tree: Tree, explanation: Explanation) -> None:
    if not explanation.gases:
        return
    branch = tree.add(f"Gases by their GWP ({explanation.factor['gwp_set']}) 气体与 GWP")
    for gas in explanation.gases:
        leaf = branch.add(
            Text(
                f"{gas['gas']}: {gas['kg_per_kwh']:.12f} kg/kWh x {gas['gwp']:g} "
                f"= {gas['contribution']:.8f}"
            )
        )
        leaf.add(Text(gas["part_factor_id"], style="dim"))


def _delivery(tree: Tree, explanation: Explanation) -> None:
    sums = explanation.sums
    if sums["loss_rate"] is None:
        return
    mix, added = sums["infrastructure_kg_per_kwh"], _figure(sums["mix_value"], explanation.factor)
    branch = tree.add("From busbar to user 至用户")
    if explanation.factor["includes_td_losses"]:
        branch.add(Text(f"{added} / (1 - {sums['loss_rate']:.8f}) for losses"))
    else:
        branch.add(Text(f"{added}, losses left out"))
    branch.add(Text(f"+ {mix:.8f} for transmission and distribution"))


def _inputs(tree: Tree, node: Node) -> None:
    branch = tree.add(f"Inputs 输入  {_count(node.cells)}")
    for child in node.children:
        _place(branch, child)
    _hidden(branch, node, f"more province{'s' * (node.hidden != 1)}")


def _place(parent: Tree, node: Node) -> None:
    branch = parent.add(Text(f"{node.name}  {_count(node.cells)}"))
    for row in node.rows:
        branch.add(Text(_row(row), overflow="fold"))
    for child in node.children:
        _place(branch, child)
    _hidden(branch, node, "more below")


def _hidden(branch: Tree, node: Node, what: str) -> None:
    if node.hidden:
        branch.add(Text(f"... {node.hidden:,} {what}; --all shows them", style="dim"))


def _row(row: dict[str, Any]) -> str:
    if "receipt_id" not in row:
        return (
            f"{row['item']} carried from {row['region_code']} {row['period']} ({row['method_id']})"
        )
    about = (row["cell_region_code"], row["cell_period"], row["item"], row["flow"], row["quantity"])
    what = " ".join(each for each in about if each)
    value = (
        "" if row["value"] is None else f" = {_amount(row['value'])} {row['unit'] or ''}".rstrip()
    )
    place = f"sheet {row['sheet']}, " if row["sheet"] else ""
    return (
        f"{row['role']}: {what}{value}  {row['file_name']}, {place}row {row['row_number']}, "
        f"receipt {row['receipt_id']} ({row['quality_tier']})"
    )


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:,.8g}"


def _count(cells: int) -> str:
    return f"{cells:,} cell{'s' * (cells != 1)}"


def _check(tree: Tree, explanation: Explanation) -> None:
    sums, factor = explanation.sums, explanation.factor
    style = "green" if explanation.adds_up else "bold red"
    added = "nothing" if sums["added_up"] is None else _figure(sums["added_up"], factor, 12)
    difference = "all" if sums["difference"] is None else f"{sums['difference']:.1e}"
    verdict = "" if explanation.adds_up else "  DOES NOT ADD UP 不平衡"
    gases = ""
    if explanation.gases:
        total = sum(gas["contribution"] for gas in explanation.gases)
        gases = f", gases add up to {_figure(total, factor, 12)}"
    tree.add(
        Text(
            f"Check 核对  parts add up to {added}{gases}, published "
            f"{_figure(factor['value'], factor, 12)}, difference {difference}{verdict}",
            style=style,
        )
    )


def _figure(value: Any, factor: dict[str, Any], digits: int | None = None) -> str:
    if value is None:
        return "-"
    if digits is None:
        digits = 12 if factor["gas_scope"] in ("CH4", "N2O") else 8
    return f"{float(value):.{digits}f}"
