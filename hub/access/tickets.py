"""Tickets: what the hub hands a browser and takes back a few minutes later, readable and changeable by nobody else.

Between two steps of a login nothing is kept on the server: whoever is at the first step is nobody yet.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from connectors.errors import ConfigError
from hub.store.instants import micros, moment
from hub.store.memory import Cipher

#: How long somebody may take for the next step.
PATIENCE: Final = timedelta(minutes=10)
#: Characters of a ticket; a cookie has room for some 4,000.
LONGEST: Final = 3_800


def written(cipher: Cipher, use: str, values: Mapping[str, Any], now: datetime) -> str:
    """A ticket for one use. Raises ConfigError: `secret_key_missing`."""
    return cipher.encrypt(orjson.dumps({"use": use, "at": micros(now), "values": dict(values)}).decode())


def read(cipher: Cipher, use: str, ticket: str, now: datetime) -> dict[str, Any] | None:
    """What stands on a ticket; None for one that is forged, old, or for another use."""
    if not 0 < len(ticket) <= LONGEST or not ticket.isascii():
        return None
    try:
        said = orjson.loads(cipher.decrypt(ticket))
    except ConfigError:
        return None
    if said["use"] != use or not moment(said["at"]) <= now < moment(said["at"]) + PATIENCE:
        return None
    values: dict[str, Any] = said["values"]
    return values
