"""Screens every text of an item, and the texts of a payload right before they leave."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hub.rules.screen.canonical import canonical
from hub.rules.screen.marks import HANDLING, Hit, listed, marks
from hub.rules.screen.patterns import squeezed
from hub.rules.screen.personal import contact_key, personal
from hub.rules.screen.reading import FileText, Part, parts, parts_beside
from hub.rules.screen.terms import Listed, Terms
from hub.rules.screen.verdict import Finding, Outcome, Verdict
from schemas.item import ItemBase

__all__ = ["FileText", "screen", "screen_around", "screen_texts"]

#: Lines after "Nơi nhận" that name addressees.
_ADDRESSEES = 12


def screen(
    item: ItemBase,
    *,
    files: Sequence[FileText] = (),
    terms: Terms,
    member: str = "",
    metadata: Mapping[str, str] | None = None,
    own: Sequence[Part] | None = None,
) -> Verdict:
    """What stands in the way of showing `item`, which `member` publishes, with its `files`.

    `metadata` are fields of the source's record that the item itself has no place for, `own` the `parts` of the item
    where somebody has them.
    """
    own = own if own is not None else tuple(parts(item))
    allowed = {contact_key(one) for whose in ("", member) for one in terms.contacts.get(whose, ())}
    findings: dict[Finding, None] = {}
    for part in (*own, *parts_beside(files, metadata or {})):
        for rule, outcome in (*_marks(part, terms), *personal(part.text, part.low, terms.personal, allowed)):
            findings[Finding(rule, outcome, part.where)] = None
    for name, value in (metadata or {}).items():
        if says_level(name, value, terms):
            findings[Finding("metadata", Outcome.PURGE, f"metadata.{name}")] = None
    for file in files:
        if not file.readable:
            findings[Finding("no_text_layer", Outcome.HOLD, file.url)] = None
        elif not file.whole:
            findings[Finding("read_in_part", Outcome.HOLD, file.url)] = None
    for where, outcome in _listed_issuers(own, terms.issuers):
        findings[Finding("listed_issuer", outcome, where)] = None
    return Verdict(tuple(findings))


def screen_texts(texts: Mapping[str, str], terms: Terms) -> Verdict:
    """Marks of state secrets in `texts` (plain or HTML) by the names of their fields: the gate before each push."""
    return Verdict(tuple(one for one in _in_texts(texts, terms) if one.outcome is Outcome.PURGE))


def screen_around(texts: Mapping[str, str], terms: Terms) -> Verdict:
    """Marks of state secrets and notes on handling in `texts` around an item: the whole page on which it stands.

    Persons are not looked for there: every page has telephone numbers in its frame. Nor is what a province lists to be
    held: other articles are named on the page.
    """
    kept = (one for one in _in_texts(texts, terms) if one.outcome is Outcome.PURGE or one.rule in HANDLING)
    return Verdict(tuple(kept))


def _in_texts(texts: Mapping[str, str], terms: Terms) -> dict[Finding, None]:
    return {
        Finding(rule, outcome, name): None
        for name, text in texts.items()
        for rule, outcome in _marks(Part.of(name, text, markup=None), terms)
    }


def says_level(name: str, value: str, terms: Terms) -> bool:
    """Whether a field of a source's record says that the text is secret."""
    return squeezed(name) in terms.patterns.fields and squeezed(canonical(value)) not in terms.patterns.harmless


def _marks(part: Part, terms: Terms) -> Iterator[Hit]:
    yield from marks(part.text, part.low, terms.patterns)
    if terms.words or terms.addressees:
        yield from _of_list("listed_word", part.low, terms.words)
        yield from _of_list("listed_addressee", _addressees(part.low), terms.addressees)


def _of_list(rule: str, low: str, entries: Iterable[Listed]) -> Iterator[Hit]:
    for entry in entries:
        if listed(low, (entry.text,)):
            yield rule, entry.outcome


def _addressees(low: str) -> str:
    """The lines that say to whom a text goes."""
    lines, left, kept = low.split("\n"), 0, []
    for line in lines:
        if "kính gửi" in line or "nơi nhận" in line:
            left = _ADDRESSEES
        if left:
            kept.append(line)
            left -= 1
    return "\n".join(kept)


def _listed_issuers(own: Sequence[Part], entries: Sequence[Listed]) -> Iterator[tuple[str, Outcome]]:
    if not entries:
        return
    for part in own:
        if part.where in ("authors", "details.issuer", "details.further_issuers", "details.announced_by_name"):
            for _, outcome in _of_list("listed_issuer", part.low, entries):
                yield part.where, outcome
