"""Settings of how a source of data is asked: further headers with their secrets, and how the next page is found."""

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from connectors.base import ConnectorConfig
from connectors.fields import Allowed
from connectors.parse.data.mapping import Expression

#: Headers that belong to the client: it says who it is, and what it understands.
_OURS: Final = re.compile(
    r"(?i)host|user-agent|connection|content-.*|transfer-encoding|accept|accept-encoding|te|trailer|upgrade|proxy-.*"
    r"|if-.*|range|expect"
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


def _header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError("not the name of a header")
    if _OURS.fullmatch(name):
        raise ValueError(f"{name} is set by the hub itself")
    return name


def _header_text(text: str) -> str:
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("must be printable ASCII without blanks around it")
    return text


def _secret_text(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value():
        raise ValueError("must not be empty")
    _header_text(secret.get_secret_value())
    return secret


class Header(ConnectorConfig):
    """A further header of each request: a plain value or a secret."""

    name: Annotated[str, Allowed("the name of a header that the hub does not set itself")]
    value: Annotated[str, Field(max_length=1_000), Allowed("printable ASCII")] = ""
    secret: SecretStr | None = None

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        return _header_name(name)

    @field_validator("value")
    @classmethod
    def _fits(cls, value: str) -> str:
        return _header_text(value)

    @field_validator("secret")
    @classmethod
    def _fits_too(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is not None and info.data.get("value"):
            raise ValueError("a header has a value or a secret")  # the secret is never quoted
        return secret and _secret_text(secret)

    @property
    def text(self) -> str:
        """What is sent."""
        return self.secret.get_secret_value() if self.secret else self.value


class PageBy(StrEnum):
    """How the next page is asked for."""

    PAGE = "page"  #: number of the page
    OFFSET = "offset"  #: number of records to leave out
    CURSOR = "cursor"  #: a token that the page before names
    KEYSET = "keyset"  #: the key of the last record of the page before
    LINK = "link"  #: an address that the page before names


class Paging(ConnectorConfig):
    """How the next page is found. A subclass names the language of `next`."""

    model_config = ConfigDict(validate_default=True)  # what may be left out depends on `by`

    by: PageBy
    parameter: Annotated[str, Field(max_length=100), Allowed("the name of a parameter of the address")] = ""
    first: int | None = Field(default=None, ge=0, le=1_000_000)
    size: int | None = Field(default=None, ge=1, le=10_000)  #: records of a full page: a shorter one is the last
    size_parameter: str = Field(default="", max_length=100)  #: sent with `size`
    next: Expression = ""
    max_pages: int = Field(default=10, ge=1, le=10_000)  #: pages of one round

    @classmethod
    def check(cls, expression: str) -> None:
        """Compile one expression. Raises ValueError with the character at which it is wrong."""
        raise TypeError("a subclass names the language")

    @field_validator("parameter")
    @classmethod
    def _is_named(cls, parameter: str, info: ValidationInfo) -> str:
        if not parameter and info.data.get("by", PageBy.LINK) is not PageBy.LINK:
            raise ValueError("must be given: the parameter that the page, offset, token or key is sent in")
        return parameter

    @field_validator("next")
    @classmethod
    def _finds_the_token(cls, expression: str, info: ValidationInfo) -> str:
        if not expression and info.data.get("by") is PageBy.CURSOR:
            raise ValueError("must be given: the expression that finds the token of the next page")
        if expression:
            cls.check(expression)
        return expression


class Asking(ConnectorConfig):
    """Settings of the requests of a source of data."""

    accept: Annotated[str, Field(max_length=500), Allowed("media types, like application/json")] = Field(
        default="", description="header Accept; left out: what the format is usually called"
    )
    headers: tuple[Header, ...] = Field(
        default=(), max_length=20, description="further headers, such as a key; sent to the host of `url` only"
    )

    @field_validator("accept")
    @classmethod
    def _fits_a_header(cls, accept: str) -> str:
        return _header_text(accept)
