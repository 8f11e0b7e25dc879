"""Words and lists that the screens go by: those that come with the program, and what a province adds to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final

from hub.rules.screen.patterns import MarkPatterns, PersonPatterns
from hub.rules.screen.verdict import Outcome

_SECTIONS: Final = {"word": "words", "issuer": "issuers", "addressee": "addressees"}
_PERSONAL: Final = "personal"


@dataclass(frozen=True, slots=True)
class Listed:
    """A word, issuer or addressee that the province listed."""

    text: str
    outcome: Outcome = Outcome.HOLD


@dataclass(frozen=True, kw_only=True)
class Personal:
    """What tells the data of a person. Without slots, for the expressions made of it are kept beside it."""

    rows: int = 3  #: rows with a person that make a list
    contacts: int = 6  #: telephone numbers and mail addresses that are too many to be those of an office
    identity: tuple[str, ...] = ()  #: what stands before the number of an identity paper
    names: tuple[str, ...] = ()  #: heads of columns with names
    private: tuple[str, ...] = ()  #: heads of columns that make a list of names a list of persons
    addresses: tuple[str, ...] = ()  #: heads of columns that say where they live
    offices: tuple[str, ...] = ()  #: heads of columns that show a list of officials
    provinces: tuple[str, ...] = ()  #: first three digits of a personal identification number
    surnames: tuple[str, ...] = ()

    @cached_property
    def patterns(self) -> PersonPatterns:
        """These words as expressions."""
        return PersonPatterns.of(
            identity=self.identity, names=self.names, private=self.private, addresses=self.addresses,
            offices=self.offices, surnames=self.surnames,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is looked for, in the words of hub/data/screen.toml. Without slots, as Personal."""

    suffixes: tuple[str, ...] = ()  #: secrecy suffixes of numbers, inside brackets
    labels: tuple[str, ...] = ()  #: names of a field that says the level
    compounds: tuple[str, ...] = ()  #: words after "mật" that make another word of it
    metadata_fields: tuple[str, ...] = ()  #: names of fields in records that say the level
    harmless_values: tuple[str, ...] = ()  #: what they say of a text that is not secret
    alone: tuple[str, ...] = ()  #: notes that purge as a block of their own
    notes: tuple[str, ...] = ()  #: notes that hold wherever they stand
    headings: tuple[str, ...] = ()  #: notes that hold as a block, or at the start of one
    declassified: tuple[str, ...] = ()  #: stamps that hold as a block of their own
    words: tuple[Listed, ...] = ()
    issuers: tuple[Listed, ...] = ()
    addressees: tuple[Listed, ...] = ()
    #: telephone numbers and mail addresses that each member may show; "" for all members
    contacts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    personal: Personal = Personal()

    @cached_property
    def patterns(self) -> MarkPatterns:
        """The marks as expressions."""
        return MarkPatterns.of(
            suffixes=self.suffixes, labels=self.labels, compounds=self.compounds, alone=self.alone, notes=self.notes,
            headings=self.headings, declassified=self.declassified, fields=self.metadata_fields,
            harmless=self.harmless_values,
        )  # fmt: skip


def read_terms(stated: Mapping[str, Any], known: Terms | None = None) -> Terms:
    """The terms that a file states, beside the `known` ones: lists grow, numbers may only become stricter.

    Raises ValueError, in English, for what is no such file.
    """
    known = known or Terms()
    _refuse_unknown(stated, {*_names(Terms) - set(_SECTIONS.values()), *_SECTIONS})
    lists = _names(Terms) - {*_SECTIONS.values(), "contacts", _PERSONAL}
    changes: dict[str, Any] = {
        name: _union(getattr(known, name), _texts(stated[name], name)) for name in lists if name in stated
    }
    for section, name in _SECTIONS.items():
        changes[name] = getattr(known, name) + tuple(_listed(one, section) for one in stated.get(section, ()))
    changes["contacts"] = _contacts(stated.get("contacts", {}), known.contacts)
    changes[_PERSONAL] = _personal(stated.get(_PERSONAL, {}), known.personal)
    return Terms(**{name: getattr(known, name) for name in _names(Terms)} | changes)


def _personal(stated: object, known: Personal) -> Personal:
    if not isinstance(stated, Mapping):
        raise ValueError("[personal] is no section")
    _refuse_unknown(stated, _names(Personal))
    changes: dict[str, Any] = {}
    for name, value in stated.items():
        old = getattr(known, name)
        if isinstance(old, int):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} is no number above 0")
            changes[name] = min(old, value)
        else:
            changes[name] = _union(old, _texts(value, name))
    return Personal(**{name: getattr(known, name) for name in _names(Personal)} | changes)


def _contacts(stated: object, known: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if not isinstance(stated, Mapping):
        raise ValueError("[contacts] is no section")
    added = {str(member): _texts(those, f"contacts of {member}") for member, those in stated.items()}
    return {member: _union(known.get(member, ()), added.get(member, ())) for member in {**known, **added}}


def _listed(stated: object, section: str) -> Listed:
    if not isinstance(stated, Mapping):
        raise ValueError(f"{section} is no [[{section}]] table")
    _refuse_unknown(stated, {"text", "outcome"})
    text, outcome = stated.get("text"), stated.get("outcome", Outcome.HOLD)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"a [[{section}]] has no text")
    if outcome not in set(Outcome):
        raise ValueError(f"outcome of a [[{section}]] is neither hold nor purge")
    return Listed(text.strip(), Outcome(outcome))


def _texts(stated: object, name: str) -> tuple[str, ...]:
    if not isinstance(stated, list) or not all(isinstance(one, str) for one in stated):
        raise ValueError(f"{name} is no list of texts")
    return tuple(stated)


def _union(known: Iterable[str], added: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *added)))


def _refuse_unknown(stated: Mapping[str, Any], allowed: Iterable[str]) -> None:
    if unknown := stated.keys() - set(allowed):
        raise ValueError(f"unknown name {min(unknown)}")


def _names(of: type[Terms] | type[Personal]) -> set[str]:
    return {one.name for one in fields(of)}
