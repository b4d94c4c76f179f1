"""XML written as text: elements, attributes, texts in two languages.

Belongs here: escaping and composing. Does not belong here: any element of a format (`ilcd`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from warehouse.exchange.words import Text

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def escaped(text: str) -> str:
    """Return text that may stand in an element or a quoted attribute."""
    return text.translate(_ESCAPES)


def element(tag: str, *content: str, **attributes: str) -> str:
    """Return an element around content that is XML already; underscores in names become colons."""
    return tagged(tag, {key.replace("_", ":"): value for key, value in attributes.items()}, content)


def tagged(tag: str, attributes: Mapping[str, str], content: tuple[str, ...] = ()) -> str:
    """Return an element with attributes of any name."""
    shown = "".join(f' {name}="{escaped(value)}"' for name, value in attributes.items())
    inside = "".join(content)
    return f"<{tag}{shown}>{inside}</{tag}>" if inside else f"<{tag}{shown}/>"


def value(tag: str, text: object) -> str:
    """Return an element that holds one value."""
    return element(tag, escaped(str(text)))


def both(tag: str, text: Text, longest: int | None = None) -> str:
    """Return an element for each language; the Chinese one only where there are Chinese characters.

    `longest` is the number of characters that the format allows in the element.
    """
    shown = element(tag, escaped(text.en[:longest]), xml_lang="en")
    if _HAN.search(text.zh):
        shown += element(tag, escaped(text.zh[:longest]), xml_lang="zh")
    return shown


def has_han(text: str) -> bool:
    """Return whether a text holds a Chinese character."""
    return _HAN.search(text) is not None
