"""What no line of the log may say, whoever writes it: the secrets that the settings hold.

Nothing of ours writes one down. This is for the day on which something does: a library that quotes a header, a driver
that names the address it could not reach, a defect whose text holds what it was given.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

#: What stands in place of a secret.
HIDDEN: Final = "***"
#: Characters below which a text would be found in half of all words.
SHORTEST: Final = 8


class Hiding:
    """Takes the secrets of some settings out of lines."""

    def __init__(self, settings: object = None) -> None:
        spelled = {form for secret in _secrets(settings) for form in _spellings(secret)}
        # The longest first: a secret may begin with another one.
        self._secrets = sorted((each for each in spelled if len(each) >= SHORTEST), key=len, reverse=True)

    def __call__(self, line: str) -> str:
        """The line without them."""
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line


def _secrets(value: object) -> Iterator[str]:
    """Every secret in settings, however deep it stands."""
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for name in type(value).model_fields:
                yield from _secrets(getattr(value, name))
        case Mapping():
            for each in value.values():
                yield from _secrets(each)
        case list() | tuple() | set() | frozenset():
            for each in value:
                yield from _secrets(each)


def _spellings(secret: str) -> Iterator[str]:
    """A secret as lines spell it: of an address its password alone, of several keys each, as text and inside JSON."""
    parts = [secret.strip(), *(part.strip() for part in secret.split(","))]
    if "://" in secret:
        try:
            password = urlsplit(secret).password or ""
        except ValueError:
            password = ""
        parts = [password, unquote(password)]
    for part in parts:
        yield part
        yield json.dumps(part)[1:-1]
