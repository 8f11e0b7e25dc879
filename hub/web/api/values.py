"""Values of parameters and bodies: strict where a lax reading would take what the document does not promise."""

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

#: What no text of a parameter holds: control characters, of which a database refuses the first.
PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)")
_TRUTH: Final = {"true": True, "false": False}


class Shape(BaseModel):
    """Base of everything that is sent or answered: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Shape):
    """No parameters."""


def _number(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        raise ValueError("a whole number is wanted")
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, str) and value not in _TRUTH:
        raise ValueError("true or false is wanted")
    return _TRUTH.get(value, value) if isinstance(value, str) else value


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    # A plus of the zone that nobody encoded arrives as a blank.
    text = re.sub(r" (?=\d\d:\d\d$)", "+", value) if isinstance(value, str) else ""
    if not _MOMENT.fullmatch(text):
        raise ValueError("a time like 2026-11-20T08:30:00+07:00 is wanted")
    return text


def _in_range(at: datetime) -> datetime:
    if not 1970 <= at.year <= 2200:
        raise ValueError("a time between 1970 and 2200 is wanted")
    return at


Whole = Annotated[int, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_moment), AfterValidator(_in_range),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]  # fmt: skip
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)]
Sentence = Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")]
