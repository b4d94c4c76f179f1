"""Stable identifiers of background datasets: name-based UUIDs over natural keys.

Belongs here: the one namespace and the text that each kind of identifier is made of. Does not
belong here: versions, which rise with content under the same identifier, and identifiers that
others own (elementary flows, units, locations).

UUID version 5: SHA-1 over namespace and name, RFC 9562 section 5.5. The same key gives the same
identifier in every release and on every machine.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE = uuid5(NAMESPACE_URL, "https://provincial-carbon-factors.example/background")

_SEPARATOR = "|"


class IdentityError(ValueError):
    """A key that names nothing, or that could be mistaken for another."""


def dataset_id(
    product_code: str, technology: str, region_code: str, system_model: str, allocation: str
) -> str:
    """Return the identifier of a published dataset.

    The year is left out on purpose: year and content are versions of one dataset.

    Raises:
        IdentityError: a part that is empty or holds the separator or white space at an end.
    """
    return _identifier(
        product_code=product_code,
        technology=technology,
        region_code=region_code,
        system_model=system_model,
        allocation=allocation,
    )


def process_id(
    product_code: str, technology: str, region_code: str, year: int, allocation: str
) -> str:
    """Return the identifier of one unit process of one year.

    Raises:
        IdentityError: as for `dataset_id`, and a year outside 1900 to 2999.
    """
    if not 1900 <= year <= 2999:
        raise IdentityError(f"year {year}: a year of four digits from 1900 is wanted")
    return _identifier(
        kind="process",
        product_code=product_code,
        technology=technology,
        region_code=region_code,
        year=str(year),
        allocation=allocation,
    )


def product_flow_id(product_code: str) -> str:
    """Return the identifier of a product as a flow, whoever makes it.

    Raises:
        IdentityError: as for `dataset_id`.
    """
    return _identifier(kind="product_flow", product_code=product_code)


def dataset_flow_id(dataset: str) -> str:
    """Return the identifier of what one dataset delivers.

    Software that links by product flow alone needs a flow of its own for each dataset: two
    datasets that deliver the same flow are one product with two suppliers to it.

    Raises:
        IdentityError: text that is not a UUID.
    """
    try:
        known = UUID(dataset)
    except ValueError:
        raise IdentityError(f"dataset {dataset!r}: a UUID is wanted") from None
    return _identifier(kind="dataset_flow", dataset=str(known))


def _identifier(**parts: str) -> str:
    for name, part in parts.items():
        if not part or part != part.strip() or _SEPARATOR in part:
            raise IdentityError(
                f"{name} {part!r}: wanted text that is not empty, has no blank at an end and no "
                f"{_SEPARATOR!r}"
            )
    return str(uuid5(NAMESPACE, _SEPARATOR.join(parts.values())))
