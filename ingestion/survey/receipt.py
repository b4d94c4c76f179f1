"""Receipts for submitters: accepted or rejected, each cell with its reason and what to do.

Belongs here: the receipt of one submission as a document (JSON) and as a workbook; where receipts
lie, and under which names.
Does not belong here: judging (collection.py), the receipts of ingestion, which are for the operator
(ingestion/receipts.py).

A receipt speaks of the submitter's own figures and of the industry's physical range. It holds
nothing of any other submission and no clock, so that equal submissions have equal receipts.
"""

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.industry import GASES
from ingestion.landing import sha256_of, write_atomically
from ingestion.survey.collection import Collection
from ingestion.survey.findings import Told, told
from ingestion.survey.questionnaire import known_items
from ingestion.survey.values import FILE

FORM = "carbon-survey-receipt/1"
_STATUS = {
    "accepted": ("已接受", "Accepted"),
    "accepted_with_remarks": ("已接受，请阅提示", "Accepted, with remarks"),
    "rejected": ("未接受，请更正后重新提交", "Rejected; please correct and send again"),
}
_TAKES = {
    "file": ("整份退回", "Rejects the submission"),
    "row": ("退回该行", "Rejects the line"),
    "warning": ("提示", "Remark"),
}
_VERDICTS = {
    "in_range": ("在范围内", "In range"),
    "near_edge": ("接近边界", "Near the edge"),
    "outside": ("超出范围", "Outside"),
}
_SECTIONS = {
    "input": ("投入", "Input"),
    "steam": ("蒸汽", "Steam"),
    "electricity": ("电力", "Electricity"),
    "emission": ("排放", "Emission"),
    "waste": ("废物", "Waste"),
    "co_product": ("副产品", "Co-product"),
}
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
_LONGEST = 200
"""Bytes of a file's name that stand in the name of its receipt: file systems take 255."""


def receipt_document(
    file: Mapping[str, Any], findings: Sequence[Told], plausibility: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The receipt of one submission. `file`: a row of Collection.files; `findings` of this file
    and its rows of plausibility.
    """
    zh, en = _STATUS[file["status"]]
    return {
        "receipt": FORM,
        "file": file["name"],
        "submission_id": file["submission_id"],
        "industry": file["industry"],
        "template_version": file["template_version"],
        "status": file["status"],
        "status_zh": zh,
        "status_en": en,
        "lines_read": file["lines_read"],
        "lines_accepted": file["lines_accepted"],
        "findings": [_finding(each) for each in findings],
        "plausibility": [_plausible(each) for each in plausibility],
    }


def _finding(each: Told) -> dict[str, str]:
    return {
        "rule_id": each.rule_id,
        "takes": each.takes,
        "cell": each.cell,
        "found": each.found,
        "expected": each.expected,
        "what_zh": each.sentence_zh,
        "what_en": each.sentence_en,
        "todo_zh": each.todo_zh,
        "todo_en": each.todo_en,
    }


def _plausible(row: Mapping[str, Any]) -> dict[str, Any]:
    names = GASES.get(row["item"])
    if names is None:
        item = known_items().get(row["item"])
        names = (item.name_zh, item.name_en) if item else _SECTIONS[row["section"]]
    zh, en = _VERDICTS[row["verdict"]]
    return {
        "section": row["section"],
        "item": row["item"],
        "item_zh": names[0],
        "item_en": names[1],
        "unit": row["unit"],
        "yours": float(f"{row['specific']:.4g}"),
        "range_low": row["low"],
        "range_high": row["high"],
        "verdict": row["verdict"],
        "verdict_zh": zh,
        "verdict_en": en,
    }


def receipts(collection: Collection) -> list[dict[str, Any]]:
    """The receipt of every file of a collection, in its order."""
    findings = _by_file(collection.findings)
    plausibility = _by_file(collection.plausibility)
    return [
        receipt_document(
            file,
            [told(row) for row in findings.get(file[FILE], ())],
            plausibility.get(file[FILE], []),
        )
        for file in collection.files.iter_rows(named=True)
    ]


def _by_file(frame: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    parts = frame.partition_by(FILE, as_dict=True, maintain_order=True)
    return {int(key[0]): part.rows(named=True) for key, part in parts.items()}


def receipt_json(document: Mapping[str, Any]) -> bytes:
    """A receipt as JSON."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def receipt_workbook(document: Mapping[str, Any]) -> bytes:
    """A receipt as a workbook of three sheets: result, findings, plausibility. Equal documents
    give equal bytes.
    """
    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(content, options)
    book.set_properties({"title": FORM, "created": _CREATED})
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#DCE6EE", "border": 1, "text_wrap": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    tints = {
        "file": book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#F4C7C3"}),
        "row": book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FCE3C5"}),
    }
    _result_sheet(book.add_worksheet("回执 Receipt"), document, bold, wrapped)
    sheet = book.add_worksheet("意见 Findings")
    columns = (
        ("单元格 Cell", 26), ("结论 Effect", 18), ("问题", 40), ("What is wrong", 40),
        ("做法", 34), ("What to do", 34), ("规则 Rule", 28),
    )  # fmt: skip
    for column, (label, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, label, head)
    for row, each in enumerate(document["findings"], 1):
        tint = tints.get(each["takes"], wrapped)
        effect = " ".join(_TAKES[each["takes"]])
        texts = (each["cell"], effect, each["what_zh"], each["what_en"], each["todo_zh"],
                 each["todo_en"], each["rule_id"])  # fmt: skip
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, tint)
    sheet.freeze_panes(1, 1)
    _plausibility_sheet(book.add_worksheet("合理性 Plausibility"), document, head, wrapped)
    book.close()
    return content.getvalue()


def _result_sheet(sheet: Any, document: Mapping[str, Any], bold: Any, wrapped: Any) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 60)
    sheet.write_string(0, 0, f"{document['status_zh']} {document['status_en']}", bold)
    facts = (
        ("文件 File", document["file"]),
        ("填报编号 Submission", document["submission_id"] or "-"),
        ("行业 Industry", document["industry"] or "-"),
        ("问卷版本 Questionnaire", document["template_version"] or "-"),
        ("读取行数 Lines read", str(document["lines_read"])),
        ("接受行数 Lines accepted", str(document["lines_accepted"])),
        ("意见条数 Findings", str(len(document["findings"]))),
    )
    for row, (label, text) in enumerate(facts, 2):
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, text, wrapped)


def _plausibility_sheet(sheet: Any, document: Mapping[str, Any], head: Any, wrapped: Any) -> None:
    labels = ("项目", "Item", "单位 Unit", "贵厂 Yours", "行业物理范围下限 Low",
              "行业物理范围上限 High", "结论", "Verdict")  # fmt: skip
    for column, label in enumerate(labels):
        sheet.set_column(column, column, 22)
        sheet.write_string(0, column, label, head)
    for row, each in enumerate(document["plausibility"], 1):
        sheet.write_string(row, 0, each["item_zh"], wrapped)
        sheet.write_string(row, 1, each["item_en"], wrapped)
        sheet.write_string(row, 2, each["unit"])
        for column, name in enumerate(("yours", "range_low", "range_high"), 3):
            sheet.write_number(row, column, each[name])
        sheet.write_string(row, 6, each["verdict_zh"])
        sheet.write_string(row, 7, each["verdict_en"])


def write_receipts(
    collection: Collection, folder: Path, progress: Callable[[int, int], None] | None = None
) -> int:
    """Write `<file>.receipt.json` and `.receipt.xlsx` for every file into `folder`; give how many
    files got one. Names are those of `receipt_names`.
    """
    documents = receipts(collection)
    names = receipt_names([document["file"] for document in documents])
    for number, (stem, document) in enumerate(zip(names, documents, strict=True), 1):
        write_atomically(folder / f"{stem}.receipt.json", receipt_json(document))
        write_atomically(folder / f"{stem}.receipt.xlsx", receipt_workbook(document))
        if progress:
            progress(number, len(documents))
    return len(documents)


def receipt_names(files: Sequence[str]) -> list[str]:
    """What the receipts of these files are called, without what follows the first dot of ours.

    Names that lie in subfolders are joined with '__', long ones are cut and told apart by eight
    digits of the hash of the whole, and those that are equal (to some file systems `A` is `a`) are
    numbered.
    """
    used: set[str] = set()
    names = []
    for file in files:
        stem = base = _short(file.replace("/", "__"))
        again = 2
        while stem.casefold() in used:
            stem, again = f"{base}_{again}", again + 1
        used.add(stem.casefold())
        names.append(stem)
    return names


def _short(name: str) -> str:
    whole = name.encode()
    if len(whole) <= _LONGEST:
        return name
    return f"{whole[:_LONGEST].decode(errors='ignore')}_{sha256_of(whole)[:8]}"


def archive_of(receipt_id: str) -> str:
    """Where the receipts of the submissions of a delivered file lie, below the home."""
    return f"receipts/{receipt_id}/receipts.zip"


def archive_receipts(collection: Collection, home: Path, receipt_id: str) -> None:
    """Write the receipts of a delivered file's submissions below the home, for whoever hands them
    out: JSON for all of them, a workbook where there is a finding. Confidential: they name
    enterprises and their figures, so the folder opens for its owner alone.

    One archive, there whole or not at all, and the same bytes whenever the judgement is the same.
    3,000 submissions take about a second, and five more if each of them has findings.
    """
    path = home / archive_of(receipt_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    documents = receipts(collection)
    names = receipt_names([document["file"] for document in documents])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for stem, document in zip(names, documents, strict=True):
            _put(archive, f"{stem}.receipt.json", receipt_json(document))
            if document["findings"]:
                _put(archive, f"{stem}.receipt.xlsx", receipt_workbook(document))
    write_atomically(path, content.getvalue())


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _FIRST_DAY_OF_ZIP)
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def forget_archive(home: Path, receipt_id: str) -> None:
    """Take the receipts of an earlier reading of a delivered file away."""
    path = home / archive_of(receipt_id)
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()
