"""Words and lists that the screens go by: those that come with the program, and what a province adds to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.rules.screen.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Listed:
    """A word, issuer or addressee that the province listed."""

    text: str
    outcome: Outcome


@dataclass(frozen=True)
class Terms:
    """What is looked for. Without slots, for what is made of it once is kept beside it."""

    suffixes: tuple[str, ...] = ()  #: secrecy suffixes of numbers, inside brackets: M, TM
    words: tuple[Listed, ...] = ()
    issuers: tuple[Listed, ...] = ()
    addressees: tuple[Listed, ...] = ()
    #: telephone numbers and mail addresses that each member may show; "" for all members
    contacts: Mapping[str, frozenset[str]] = field(default_factory=dict)
