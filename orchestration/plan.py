"""What a release is made from: its month, the day its knowledge ends, its parameters.

Belongs here: turning settings, receipts and the method's parameters into the plan of one release.
Does not belong here: running anything.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from orchestration.dbt import project_parameters
from orchestration.settings import Settings


class Receipt(Protocol):
    """The facts of a receipt that a plan needs."""

    @property
    def receipt_id(self) -> str: ...

    @property
    def known_at(self) -> dt.date: ...

    @property
    def rows_accepted(self) -> int: ...

    @property
    def contract(self) -> str: ...

    @property
    def period(self) -> str: ...


ReceiptT = TypeVar("ReceiptT", bound=Receipt)


#: The raw table whose months a release cannot go beyond.
MONTHLY_STATISTICS = "electricity_bulletin"


class PlanRefused(ValueError):
    """There is nothing to make the release from; the message says what is missing."""


class MonthRefused(PlanRefused):
    """What was asked for is no month that can be released: the command was used wrongly."""

    exit_code = 2


Parameter = bool | int | float | str

#: Parameters that say what is asked for; they come with the command, never from settings.
ASKED = frozenset({"release_month", "as_of"})


@dataclass(frozen=True)
class Plan:
    """One release to make.

    `parameters` is everything besides receipts and code that the release rests on, `release_month`
    and `as_of` among them; it is given to dbt as variables and stands in the release's manifest.
    """

    month: str
    as_of: dt.date
    parameters: Mapping[str, Parameter]


def first_day(month: str) -> dt.date:
    """Return the first day of a month given as `YYYY-MM`.

    Raises `MonthRefused` when the text is not a month.
    """
    try:
        year, number = month.split("-")
        if len(year) != 4 or len(number) != 2:
            raise ValueError
        return dt.date(int(year), int(number), 1)
    except ValueError:
        raise MonthRefused(
            f"'{month}' is not a month; write it as YYYY-MM, for example 2023-12."
        ) from None


def months_after(month: str, count: int) -> str:
    """Return the month, as `YYYY-MM`, that comes `count` months after another."""
    start = first_day(month)
    year, index = divmod(start.year * 12 + start.month - 1 + count, 12)
    return f"{year:04d}-{index + 1:02d}"


def known_receipts(receipts: Iterable[ReceiptT], as_of: dt.date) -> list[ReceiptT]:
    """Return the receipts known on a day, ordered by id."""
    return sorted(
        (receipt for receipt in receipts if receipt.known_at <= as_of),
        key=lambda receipt: receipt.receipt_id,
    )


def make_plan(
    settings: Settings,
    month: str,
    receipts: Iterable[Receipt],
    defaults: Mapping[str, Parameter],
) -> Plan:
    """Plan the release of a month from the receipts at hand.

    `defaults` are the parameters of the method as dbt_project.yml has them. Without the setting
    `as_of` the plan uses all that is known: the newest `known_at`. A month up to `nowcast_months`
    beyond the newest bulletin is planned as well; its factors are a nowcast.
    Raises `PlanRefused` when the month is not a month, when no receipt was known by then, when
    neither bulletin nor nowcast reaches the month, or when a setting names a parameter that does
    not exist or is of another type.
    """
    first_day(month)
    receipts = list(receipts)
    days = [receipt.known_at for receipt in receipts if receipt.rows_accepted > 0]
    if not days:
        raise PlanRefused(
            f"No file has been taken in, so there is nothing to make {month} from. "
            f"Put files with a delivery.yml under {settings.data} and run "
            "`carbon-warehouse ingest`."
        )
    as_of = settings.as_of or max(days)
    if min(days) > as_of:
        raise PlanRefused(
            f"Nothing was known on {as_of}: the earliest file was published on {min(days)}. "
            "Choose a later as-of date."
        )
    bulletins = [
        receipt.period[-7:]
        for receipt in known_receipts(receipts, as_of)
        if receipt.contract == MONTHLY_STATISTICS and receipt.rows_accepted > 0
    ]
    asked: dict[str, Parameter] = {"release_month": month, "as_of": as_of.isoformat()}
    chosen = {**defaults, **checked(settings.parameters, defaults), **asked}
    ahead = int(chosen.get("nowcast_months", 0))
    if not bulletins or months_after(max(bulletins), ahead) < month:
        newest = f"the newest is of {max(bulletins)}" if bulletins else "there is none"
        nowcast = f", and a nowcast goes {ahead} months beyond it" if bulletins and ahead else ""
        raise PlanRefused(
            f"No monthly bulletin known on {as_of} reaches {month}: {newest}{nowcast}. Take in the "
            "bulletin of that month first, or release an earlier month."
        )
    return Plan(month=month, as_of=as_of, parameters=dict(sorted(chosen.items())))


def plan_from_home(settings: Settings, month: str) -> Plan:
    """Plan the release of a month from the receipts and the dbt project on disk."""
    from ingestion.receipts import read_receipts

    return make_plan(settings, month, read_receipts(settings.home), project_parameters())


def checked(
    parameters: Mapping[str, Parameter], defaults: Mapping[str, Parameter]
) -> dict[str, Parameter]:
    """Return the parameters set by the operator, numbers as floats where the default is one.

    Raises `PlanRefused` on a name that dbt_project.yml does not have, and on a value of another
    type than the default's.
    """
    result: dict[str, Parameter] = {}
    for name, value in parameters.items():
        if name in ASKED or name not in defaults:
            known = ", ".join(sorted(set(defaults) - ASKED))
            raise PlanRefused(
                f"Setting `parameters` has '{name}', which is no parameter of the method. "
                f"The parameters are: {known}."
            )
        default = defaults[name]
        fits = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(default, float) and fits:
            value = float(value)
        if type(value) is not type(default):
            raise PlanRefused(
                f"Parameter '{name}' is {value!r}; it must be of the same type as {default!r}."
            )
        result[name] = value
    return result
