"""Texts that XML can carry (XML 1.0, 2.2): feeds, records and Word files are XML."""

import re

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Only characters that XML allows, whatever release stored the text."""
    return _ILLEGAL.sub("", text)
