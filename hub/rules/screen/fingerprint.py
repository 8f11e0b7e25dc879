"""The keyed fingerprint of a text: the same text is recognised on the next poll, and nobody learns anything from it."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final

from hub.rules.screen.reading import Part, parts
from schemas.item import ItemBase

_WORD: Final = re.compile(r"\w+")


def fingerprint(item: ItemBase, key: bytes) -> str:
    """HMAC-SHA-256 of the canonical text of `item` under `key`, hexadecimal.

    The words count in their order; markup, layout, capitals and signs do not, nor do the item's own identity and
    address: a site that builds its page anew gets the same fingerprint.
    """
    return fingerprint_of(parts(item), key)


def fingerprint_of(own: Iterable[Part], key: bytes) -> str:
    """The fingerprint of the item whose `parts` these are."""
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in own:
        digest.update(" ".join((*_WORD.findall(part.low), "\n")).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
