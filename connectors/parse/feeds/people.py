"""Reads authors: `a@b (Name)`, `Name <a@b>`, `Name (a@b)`, a name alone."""

import re
from collections.abc import Iterable

from connectors.parse.entry import Person

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
#: Characters of an author field that are read; nobody's name is longer.
_LIMIT = 600


def person(text: str, url: str = "") -> Person:
    """Split an author string into name and email."""
    text = " ".join(text[:_LIMIT].split())
    found = _EMAIL.search(text) if "@" in text else None
    if found is None:
        return Person(name=text, url=url)
    name = text[: found.start()].removesuffix("mailto:") + text[found.end() :]
    for empty in ("()", "<>", "[]", "(mailto:)"):
        name = name.replace(empty, "")
    name = name.strip(" \t,;:-")
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    return Person(name=name, email=found.group(), url=url)


def distinct(people: Iterable[Person]) -> list[Person]:
    """Drop empty and repeated persons; the order stays."""
    found = list(filter(any, people))
    return found if len(found) < 2 else list(dict.fromkeys(found))
