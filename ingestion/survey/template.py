"""The questionnaire as a workbook: empty for a plant to fill in, or with answers in it.

Belongs here: sheets, labels, help, drop-downs, validation and protection. Equal arguments give
equal bytes.
Does not belong here: what is asked (questionnaire.py), reading it back (workbook.py).
"""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from ingestion.industry import Industry, Line, Product, load_industry
from ingestion.survey.package import letters
from ingestion.survey.questionnaire import (
    LAYOUT,
    Question,
    SheetPlan,
    choices,
    sheet_plans,
    shown,
    template_id,
)
from ingestion.survey.units import units_of

MACHINE_SHEET = "_machine"
CODE_SHEET = "_codes"
README_SHEET = "0 说明 Read me"
LABEL_MARK = "序号 No."
NOTE_MARK = "说明 Note"
ROWS = 200
"""Rows of a sheet that carry validation."""

Answers = Mapping[str, Any]
"""`survey_submission`: a mapping of field to answer; every other sheet: a list of such mappings."""

_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
_FIRST = 6
_README_ZH = (
    "填写说明",
    "每个工厂、每种主产品、每个统计期填一份。",
    "只填未着色单元格；标签已锁定。",
    "请填数值，不要填公式、合并单元格或带文字的数字。",
    "单位在“单位”列选择；百分数填 0.35 或 35%。",
    "没有的项目留空，不要填 0 或“无”。",
    "绿电须填已核销绿证编号。",
    "有副产品时须选分配方法。",
    "提交后会收到回执：接受或退回，并逐个单元格说明原因和做法。",
)
_README_EN = (
    "How to fill in",
    "One workbook per plant, main product and period.",
    "Fill the cells without colour; labels are locked.",
    "Give values: no formulas, no merged cells, no words in numbers.",
    "State the unit in its column; give shares as 0.35 or 35%.",
    "Leave empty what you do not have.",
    "Green electricity needs the numbers of the retired certificates.",
    "With co-products, choose the basis of allocation.",
    "A receipt answers: accepted or sent back, with each cell, the reason and what to do.",
)


def template_bytes(industry: Industry, answers: Answers | None = None) -> bytes:
    """The questionnaire of `industry` as the bytes of a workbook.

    Without `answers` the item columns list what the industry uses; with them (keys as in
    `Answers`; values are text, numbers, Decimal or dates) they are written in. A key that no sheet
    asks for is a ValueError.
    """
    import xlsxwriter

    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, _OPTIONS)
    book.set_properties({"title": template_id(industry.industry), "created": _CREATED})
    writer = _Writer(book, industry)
    given = dict(answers or {})
    writer.readme()
    for plan in sheet_plans():
        if plan.key == "survey_submission":
            writer.plant_sheet(plan, given.pop(plan.key, {}))
        else:
            rows = given.pop(plan.key, [])
            writer.table_sheet(plan, rows if answers else writer.suggested(plan))
    if given:
        raise ValueError(f"The questionnaire has no sheet '{', '.join(given)}'.")
    writer.code_sheet()
    writer.machine_sheet()
    book.close()
    return content.getvalue()


def range_text(line: Line, product: Product) -> str:
    """The range of a line as words: '0.105-0.165 kg/kg'."""
    per = "" if line.section == "transport" else f"/{product.unit}"
    return f"{line.per_unit.low:g}-{line.per_unit.high:g} {line.unit}{per}"


@cache
def _choices_of(name: str) -> dict[tuple[str, str], list[str]]:
    """What each drop-down of an industry offers, by sheet and question."""
    industry = load_industry(name)
    found = {}
    for plan in sheet_plans():
        for question in plan.questions:
            offered = [shown(*each) for each in choices(question, plan.key, industry)]
            if question.kind == "unit":
                canonical = {"survey_electricity": ["kWh"], "survey_emission": ["kg"],
                             "survey_steam": ["MJ", "kg"]}  # fmt: skip
                wanted = canonical.get(plan.key, ["kg", "kWh", "MJ", "m3", "m2", "item", "W"])
                offered = units_of(wanted)
            if offered:
                found[plan.key, question.name] = offered
    return found


class _Writer:
    """Writes one workbook."""

    def __init__(self, book: Any, industry: Industry) -> None:
        self.book = book
        self.industry = industry
        self.lists: dict[tuple[str, ...], str] = {}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.help = book.add_format({"italic": True, "font_color": "#555555"})
        self.label = book.add_format(
            {"bold": True, "bg_color": "#DCE6EE", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.needed = book.add_format(
            {"bold": True, "bg_color": "#F6D9C8", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.note = book.add_format(
            {"italic": True, "font_color": "#555555", "text_wrap": True, "valign": "top",
             "bottom": 2}
        )  # fmt: skip
        self.open = book.add_format({"locked": False})
        self.day = book.add_format({"locked": False, "num_format": "yyyy-mm-dd"})

    def readme(self) -> None:
        sheet = self.book.add_worksheet(README_SHEET)
        sheet.set_column(0, 1, 60)
        name = self.industry
        sheet.write(0, 0, f"{name.name_zh}行业碳足迹背景数据调查表", self.title)
        sheet.write(0, 1, f"Survey of the industry: {name.name_en}", self.title)
        for number, (zh, en) in enumerate(zip(_README_ZH, _README_EN, strict=True), 2):
            sheet.write(number, 0, zh)
            sheet.write(number, 1, en)
        sheet.protect()

    def plant_sheet(self, plan: SheetPlan, answers: Mapping[str, Any]) -> None:
        """The first sheet: one question a row, its machine name in the hidden first column."""
        _refuse_unknown(plan, answers)
        sheet = self.book.add_worksheet(plan.name)
        sheet.set_column(0, 0, None, None, {"hidden": True})
        sheet.set_column(1, 1, 46)
        sheet.set_column(2, 2, 34, self.open)
        sheet.set_column(3, 3, 70)
        for column, text in enumerate((plan.mark, "label", "value", "help")):
            sheet.write(0, column, text)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.write(1, 1, f"{plan.title_zh} {plan.title_en}", self.title)
        for row, question in enumerate(plan.questions, 2):
            sheet.write(row, 0, question.name)
            form = self.needed if question.is_needed else self.label
            sheet.write(row, 1, f"{question.label_zh} {question.label_en}", form)
            self.value(sheet, row, 2, answers.get(question.name), question, plan.key)
            self.validate(sheet, plan, question, row, row, 2)
            sheet.write(row, 3, f"{question.help_zh}。{question.help_en}.", self.help)
        sheet.freeze_panes(2, 2)
        sheet.protect()

    def table_sheet(self, plan: SheetPlan, rows: Sequence[Mapping[str, Any]]) -> None:
        """A sheet of lines: machine names in the hidden first row, labels and notes below."""
        sheet = self.book.add_worksheet(plan.name)
        sheet.set_column(0, 0, 9)
        sheet.write(0, 0, plan.mark)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.write(1, 1, f"{plan.title_zh} {plan.title_en}", self.title)
        prompts = self.prompts(plan, rows)
        hint = "橙色列必填。Orange columns are needed."
        sheet.write(2, 1, hint, self.help)
        sheet.write(3, 0, LABEL_MARK, self.label)
        sheet.write(4, 0, NOTE_MARK, self.note)
        for column, question in enumerate(plan.questions, 1):
            sheet.write(0, column, question.name)
            form = self.needed if question.is_needed else self.label
            sheet.write(3, column, f"{question.label_zh}\n{question.label_en}", form)
            sheet.write(4, column, f"{question.help_zh}\n{question.help_en}", self.note)
            width = 34 if question.kind in ("item", "output", "waste") else 20
            sheet.set_column(column, column, width, self.open)
            own = len(prompts) if question.name == _AMOUNT.get(plan.key) else 0
            for number in range(own):
                self.validate(sheet, plan, question, _FIRST - 1 + number, _FIRST - 1 + number,
                              column, prompts[number])  # fmt: skip
            self.validate(sheet, plan, question, _FIRST - 1 + own, _FIRST + ROWS - 2, column)
        for number, row in enumerate(rows):
            _refuse_unknown(plan, row)
            sheet.write(_FIRST - 1 + number, 0, number + 1)
            for column, question in enumerate(plan.questions, 1):
                if (given := row.get(question.name)) is not None:
                    self.value(sheet, _FIRST - 1 + number, column, given, question, plan.key)
        sheet.freeze_panes(5, 2)
        sheet.protect("", {"insert_rows": True, "sort": True, "format_columns": True})

    def suggested(self, plan: SheetPlan) -> list[dict[str, Any]]:
        """Lines of an empty questionnaire: the items that the industry uses, without amounts."""
        if plan.key not in ("survey_input", "survey_steam", "survey_emission", "survey_waste"):
            return []
        section = plan.key.removeprefix("survey_")
        rows = []
        for code in self.industry.of_section(section):
            lines = [
                line
                for recipe in self.industry.recipes
                for line in recipe.lines
                if (line.section, line.item) == (section, code)
            ]
            row: dict[str, Any] = {"unit": lines[0].unit}
            if plan.key == "survey_emission":
                row |= {"gas": code, "source": lines[0].source_of or "process"}
            elif plan.key == "survey_waste":
                row |= {"waste_code": code, "treatment": lines[0].treatment}
            else:
                row["product_code"] = code
                if plan.key == "survey_input":
                    row["kind"] = self.industry.items[code].kind
            rows.append(row)
        return rows

    def prompts(self, plan: SheetPlan, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """The industry's range for each line that names an item, shown beside its amount."""
        section = plan.key.removeprefix("survey_")
        named = {"emission": "gas", "waste": "waste_code"}.get(section, "product_code")
        if section not in ("input", "steam", "emission", "waste"):
            return []
        ranges: dict[str, list[str]] = {}
        for recipe in self.industry.recipes:
            product = self.industry.product(recipe.product_code)
            for line in recipe.lines:
                if line.section == section:
                    text = f"{range_text(line, product)}: {product.name_zh} {product.name_en}"
                    ranges.setdefault(line.item, []).append(text)
        return ["\n".join(ranges.get(str(row.get(named)), [])) for row in rows]

    def value(
        self, sheet: Any, row: int, column: int, given: Any, question: Question, key: str
    ) -> None:
        """Write an answer as what it is: a number, a day, or text."""
        if given is None:
            return
        if isinstance(given, dt.date):
            sheet.write_datetime(row, column, given, self.day)
        elif isinstance(given, int | float | Decimal) and not isinstance(given, bool):
            sheet.write_number(row, column, given, self.open)
        else:
            sheet.write_string(row, column, self.display(str(given), question, key), self.open)

    def display(self, text: str, question: Question, sheet: str) -> str:
        """A code as the drop-down shows it; any other text as it is."""
        key = (sheet, question.name)
        if key not in (known := _display(self.industry.industry)):
            known[key] = {
                code: shown(code, zh, en)
                for code, zh, en in choices(question, sheet, self.industry)
            }
        return known[key].get(text, text)

    def validate(
        self,
        sheet: Any,
        plan: SheetPlan,
        question: Question,
        first: int,
        last: int,
        column: int,
        prompt: str = "",
    ) -> None:
        """Drop-down, number or day, with a message where the answer does not fit. `prompt`: the
        industry's range, shown beside the cell.
        """
        message = f"{question.help_zh}。{question.help_en}."[:255]
        offered = _choices_of(self.industry.industry).get((plan.key, question.name))
        rule: dict[str, Any]
        if offered:
            rule = {"validate": "list", "source": self.listed(tuple(offered)), "error_type":
                    "stop" if question.kind == "code" else "warning"}  # fmt: skip
        elif question.kind == "number":
            low, high = self.limits(plan, question)
            rule = {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high,
                    "error_type": "warning"}  # fmt: skip
        elif question.kind == "share":
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
        elif question.kind == "date":
            rule = {"validate": "date", "criteria": "between", "minimum": dt.date(2000, 1, 1),
                    "maximum": dt.date(2100, 12, 31)}  # fmt: skip
        elif question.kind == "social_credit_code":
            rule = {"validate": "length", "criteria": "==", "value": 18}
        else:
            return
        rule |= {
            "error_title": "请检查 Please check",
            "error_message": message,
            "ignore_blank": True,
        }
        if plan.key == "survey_submission":
            rule |= {"input_title": question.label_en[:32], "input_message": message}
        if prompt:
            title = "行业范围 Range of the industry"
            rule |= {"input_title": title, "input_message": prompt[:255]}
        sheet.data_validation(first, column, last, column, rule)

    def limits(self, plan: SheetPlan, question: Question) -> tuple[float, float]:
        """What a number may be at all, from the ranges of the industry, in canonical units."""
        outputs = {each.product_code: each.output_range.high for each in self.industry.products}
        most = max(outputs.values())
        if question.name == "stock_change":
            return -most, most
        if question.name == "operating_hours":
            return 0, 8784
        if plan.key == "survey_product" and question.name == "output_amount":
            return 0, most
        section = plan.key.removeprefix("survey_")
        if question.name == _AMOUNT.get(plan.key):
            highest = [
                line.per_unit.high * outputs[recipe.product_code]
                for recipe in self.industry.recipes
                for line in recipe.lines
                if line.section == section
            ]
            return 0, max(highest, default=1e15)
        return 0, 1e15

    def listed(self, offered: tuple[str, ...]) -> str:
        """The range of the code sheet that holds these choices."""
        if offered not in self.lists:
            column = letters(len(self.lists))
            self.lists[offered] = f"='{CODE_SHEET}'!${column}$1:${column}${len(offered)}"
        return self.lists[offered]

    def code_sheet(self) -> None:
        sheet = self.book.add_worksheet(CODE_SHEET)
        for column, offered in enumerate(self.lists):
            sheet.write_column(0, column, offered)
        sheet.hide()
        sheet.protect()

    def machine_sheet(self) -> None:
        """What the machine knows the questionnaire by; hidden so that no menu shows it."""
        sheet = self.book.add_worksheet(MACHINE_SHEET)
        facts = (
            ("template", template_id(self.industry.industry)),
            ("template_version", self.industry.version),
            ("layout", LAYOUT),
            ("industry", self.industry.industry),
        )
        for row, fact in enumerate(facts):
            sheet.write_row(row, 0, fact)
        sheet.very_hidden()
        sheet.protect()


_AMOUNT = {
    "survey_product": "output_amount",
    "survey_input": "amount",
    "survey_electricity": "energy_mwh",
    "survey_steam": "amount",
    "survey_transport": "amount",
    "survey_emission": "amount_kg",
    "survey_waste": "amount",
}


@cache
def _display(name: str) -> dict[tuple[str, str], dict[str, str]]:
    """Shown texts of the industry's codes by sheet and question, filled as they are met."""
    return {}


def _refuse_unknown(plan: SheetPlan, answers: Mapping[str, Any]) -> None:
    unknown = set(answers) - set(plan.names)
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ValueError(f"The sheet {plan.key} of the questionnaire does not ask for {names}.")
