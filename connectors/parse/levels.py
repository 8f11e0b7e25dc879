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

#: Such a field with its value, as XML and JSON write it.
IN_BYTES: Final = re.compile(
    rb"(?i)[<\"'/:]((?:muc|cap|ten|ma|i|id)?[_-]?(?:do)?[_-]?(?:bao)?[_-]?mat(?:vanban|text|level)?"
    rb"|sec(?:ret|recy|urity)[_-]?(?:level|classification)?|(?:level|is)[_-]?secret)[\"']?\s*"
    rb"(?:[^<>:{}\[\],]{0,200}>|:)\s*(?:<!\[CDATA\[)?\s*[\"']?([^<\"',}\]]{0,200})"
)

#: Bytes of such a field before the letters "mat" or "sec" of its name.
_NAME_REACH: Final = 12


def is_level(name: str) -> bool:
    """Whether a field of this name states a level of secrecy, whatever case and hyphens it is written with."""
    folded = name.lower()
    return ("mat" in folded or "sec" in folded) and re.sub(r"[^a-z]", "", folded[:40]) in LEVEL_NAMES


def levels_in(body: bytes) -> Iterator[tuple[str, str]]:
    """Such fields with their values in XML or JSON, without reading it: which record they belong to nobody knows."""
    position = 0
    for place in _letters_in(body):
        for start in range(max(position, place - _NAME_REACH), place):
            if (match := IN_BYTES.match(body, start)) is not None:
                yield match[1].decode("ascii"), match[2].decode("utf-8", "replace").strip()
                position = match.end()
                break


def _letters_in(body: bytes) -> Iterator[int]:
    """Where in order the letters stand that one of these names needs: looking for them costs a fiftieth."""
    low = body.lower()
    mat, sec = low.find(b"mat"), low.find(b"sec")
    while mat >= 0 or sec >= 0:
        if sec < 0 or 0 <= mat < sec:
            yield mat
            mat = low.find(b"mat", mat + 1)
        else:
            yield sec
            sec = low.find(b"sec", sec + 1)
