"""Fields in which content systems state how secret a record is: kept beside the entry for the screens, never shown."""

import re
from collections.abc import Iterator
from typing import Final

#: Names of such fields: letters only, lower case.
LEVEL_NAMES: Final = frozenset(
    {
        "domat",
        "mucdomat",
        "capdomat",
        "baomat",
        "dobaomat",
        "mucdobaomat",
        "secretlevel",
        "secrecylevel",
        "secrecy",
        "securitylevel",
        "securityclassification",
        "domatvanban",
        "matlevel",
        "levelsecret",
        "issecret",
        "idomat",
        "iddomat",
        "madomat",
        "tendomat",
        "domattext",
    }
)
#: Characters of a value that are looked at.
VALUE_LIMIT: Final = 200

_IN_BYTES: Final = re.compile(
    rb"(?i)[<\"'/:]((?:muc|cap|ten|ma|i|id)?[_-]?(?:do)?[_-]?(?:bao)?[_-]?mat(?:vanban|text|level)?"
    rb"|sec(?:ret|recy|urity)[_-]?(?:level|classification)?|(?:level|is)[_-]?secret)[\"']?\s*"
    rb"(?:[^<>:{}\[\],]{0,200}>|:)\s*(?:<!\[CDATA\[)?\s*[\"']?([^<\"',}\]]{0,200})"
)


def is_level(name: str) -> bool:
    """Whether a field of this name states a level of secrecy, whatever case and hyphens it is written with."""
    folded = name.lower()
    return ("mat" in folded or "sec" in folded) and re.sub(r"[^a-z]", "", folded[:40]) in LEVEL_NAMES


def levels_in(body: bytes) -> Iterator[tuple[str, str]]:
    """Such fields with their values in XML or JSON, without reading it: which record they belong to nobody knows."""
    for match in _IN_BYTES.finditer(body):
        yield match[1].decode("ascii"), match[2].decode("utf-8", "replace").strip()
