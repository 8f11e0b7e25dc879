"""The kinds of text that the fields of an item may hold, and the small shapes that several kinds of items share.

An alias says how a text is cleaned before it is kept (connectors/parse/details.py) and how long it may be.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from schemas.base import ADDRESS_LIMIT, Frozen

#: Longest text on one line, text of several lines and sanitised HTML of one field, in characters.
LINE_LIMIT: Final = 2_000
PROSE_LIMIT: Final = 100_000


class Shape(StrEnum):
    """How a text is cleaned."""

    LINE = "line"  #: plain NFC text on one line
    PROSE = "prose"  #: plain NFC text, its lines kept
    HTML = "html"  #: sanitised HTML, links absolute
    ADDRESS = "address"  #: absolute http(s) address, or empty


Line = Annotated[str, Shape.LINE, Field(max_length=LINE_LIMIT)]
Prose = Annotated[str, Shape.PROSE, Field(max_length=PROSE_LIMIT)]
Html = Annotated[str, Shape.HTML, Field(max_length=PROSE_LIMIT)]
Address = Annotated[str, Shape.ADDRESS, Field(max_length=ADDRESS_LIMIT)]


class Coded(Frozen):
    """Something with a code and a name: an agency, a field, a group of people. One of the two may be unknown."""

    #: the field that a plain text fills where a source gives no more
    from_text: ClassVar[str] = "name"

    code: Line = Field(default="", description="code in its national list, as the source writes it")
    name: Line = Field(default="", description="name in Vietnamese")
