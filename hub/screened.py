"""Screens what was read, in the child that read it: each record of a capture, and what is kept beside it.

    item, files, levels ─> hub.rules.screen ─> Screened: purge or hold, which rules, by what it is recognised later

It fails closed: a screen that breaks holds the text. What is to be purged leaves the child without its text.
"""

import hmac
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final
from uuid import UUID

from connectors.parse.levels import levels_in
from hub.rules.identity import keys_of
from hub.rules.screen.fingerprint import fingerprint, fingerprint_of
from hub.rules.screen.reading import Part, parts
from hub.rules.screen.screen import FileText, screen, screen_around, screen_texts
from hub.rules.screen.terms import Terms
from hub.rules.screen.verdict import Verdict
from schemas.item import ITEM, ItemBase, Kind, Notice

#: The rule of a text that the screen could not judge.
FAILED: Final = "screen_failed"
FAILED_SENTENCE: Final = (
    "Phần mềm không kiểm tra được nội dung này nên tạm giữ. Đề nghị người trực xem trang nguồn rồi quyết định, và báo"
    " bộ phận kỹ thuật."
)

#: Begins the note of a file that carries a mark of a state secret; the rules follow. Neither its bytes nor its text
#: are kept.
MARKED: Final = "secrecy:"
#: Notes of files that are none: a dead link has nothing that could be screened.
_NO_FILE: Final = frozenset({"not_found", "gone", "page_for_file"})
#: Notes of files whose text is not all that they show: further pages, scanned ones, what is embedded.
_IN_PART: Final = frozenset({"too_large", "partly_without_text"})
#: What readers see of an item beside its text; of a document such a file may be a scanned page.
_PICTURES: Final = ("image/", "audio/", "video/")


@dataclass(frozen=True, kw_only=True)
class Screening:
    """What a child needs to screen. It crosses a process border: the terms are packed once, and unpacked once there."""

    key: bytes = field(repr=False)  #: of fingerprints
    packed: bytes = field(repr=False)  #: hub.rules.screen.terms.Terms
    member: str = ""
    #: Whether the source is known for anything: only then what no rule hits is given names by which it is recognised.
    recognises: bool = True

    @property
    def terms(self) -> Terms:
        """What is looked for."""
        return _unpacked(self.packed)


@lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> Terms:
    terms: Terms = pickle.loads(packed)
    return terms


@dataclass(frozen=True)
class Screens:
    """The screens in force. Without slots, for what goes to the children is kept beside it."""

    terms: Terms = field(default_factory=Terms)
    key: bytes = field(default=b"", repr=False)  #: of fingerprints

    def of(self, member: str, *, recognises: bool = True) -> Screening:
        """The screens for what a member publishes, as a child takes them."""
        return Screening(key=self.key, packed=self._packed, member=member, recognises=recognises)

    @cached_property
    def _packed(self) -> bytes:
        return pickle.dumps(replace(self.terms))  # a copy, without the expressions that were made of it


@dataclass(frozen=True, kw_only=True)
class Screened:
    """What the screens say of one text. Never the text that matched."""

    purge: bool = False
    hold: bool = False
    rules: tuple[str, ...] = ()
    sentence: str = ""
    fingerprint: str = ""
    teaser: str = ""  #: fingerprint of what the list said of it, where its own page was read
    names: tuple[str, ...] = ()  #: its identity keys as HMACs


CLEAN: Final = Screened()
_NOT_JUDGED: Final = Screened(hold=True, rules=(FAILED,), sentence=FAILED_SENTENCE)


def screened(
    item: ItemBase, screening: Screening | None, *, files: Sequence[FileText] = (),
    levels: Mapping[str, str] | None = None, beside: Mapping[str, str] | None = None, teaser: ItemBase | None = None,
    marked: tuple[str, ...] = (),
) -> Screened:  # fmt: skip
    """What the screens say of `item`.

    `levels` are fields of the source's record that state how secret it is, `beside` texts that are kept with it (its
    whole page), `teaser` what the list says of it, `marked` the rules that hit files of it, which were not kept.
    Without `screening` nothing is looked at: for what is neither kept nor shown.
    """
    if screening is None:
        return CLEAN
    own = tuple(parts(item))
    found = _verdict(item, screening, own, files, levels or {}, beside or {}, marked)
    if found is CLEAN and not screening.recognises:
        return CLEAN
    return recognisable(found, item, screening, teaser=teaser, own=own)


def recognisable(
    found: Screened, item: ItemBase, screening: Screening, *, teaser: ItemBase | None = None,
    own: Sequence[Part] | None = None,
) -> Screened:  # fmt: skip
    """`found` of `item` with what it is recognised by later; `own` are its parts where somebody has them."""
    key = screening.key
    names = {name for one in (item, teaser) if one is not None for name in keys_of(one)}
    return replace(
        found, fingerprint=fingerprint_of(own if own is not None else parts(item), key),
        teaser=fingerprint(teaser, key) if teaser is not None else "",
        names=tuple(sorted(name_mark(name, key) for name in names)),
    )  # fmt: skip


def _verdict(
    item: ItemBase, screening: Screening, own: Sequence[Part], files: Sequence[FileText], levels: Mapping[str, str],
    beside: Mapping[str, str], marked: tuple[str, ...],
) -> Screened:  # fmt: skip
    try:
        verdict = screen(
            item, files=files, terms=screening.terms, member=screening.member, metadata=levels, own=own
        )  # fmt: skip
        if beside and not verdict.purge:
            known_rules = verdict.rules  # on its page the item stands once more
            around = screen_around(beside, screening.terms).findings
            verdict = Verdict((*verdict.findings, *(one for one in around if one.rule not in known_rules)))
    except Exception as error:  # fails closed: whatever it is, nobody may see the text
        _tell(error)
        return _NOT_JUDGED
    if secret := tuple(rule for rule in marked if rule != FAILED):
        return Screened(purge=True, rules=tuple(dict.fromkeys((*secret, *verdict.rules))))
    if marked and not verdict.purge:
        return _NOT_JUDGED
    if not verdict.findings:
        return CLEAN
    return Screened(purge=verdict.purge, hold=verdict.hold, rules=verdict.rules, sentence=verdict.sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLayer:
    """The text that was found in a file of an item."""

    url: str
    type: str
    readable: bool
    note: str
    text: str = field(repr=False)


def layers_of(files: Sequence[FileLayer], item: ItemBase) -> tuple[FileText, ...]:
    """The text layers of an item's files, as the screens take them."""
    return tuple(
        FileText(url=one.url, text=one.text, readable=one.readable, whole=one.note not in _IN_PART)
        for one in files
        if one.note not in _NO_FILE
        and not one.note.startswith(MARKED)
        and (one.readable or not one.type.startswith(_PICTURES) or item.kind is Kind.DOCUMENT)
    )


def note_of(rules: Sequence[str]) -> str:
    """What is noted of a file that these rules hit."""
    return f"{MARKED}{','.join(rules)}"[:64]


def marked(files: Sequence[FileLayer]) -> tuple[str, ...]:
    """The rules of the secrecy screen that hit these files when they came."""
    notes = (one.note.removeprefix(MARKED) for one in files if one.note.startswith(MARKED))
    return tuple(dict.fromkeys(rule for note in notes for rule in note.split(",")))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptText:
    """An edition that is kept, with the texts of its files, to be screened anew."""

    id: int  #: of the edition's row
    content_id: UUID
    revision: int
    source: str
    member: str
    url: str
    state: str
    newest: bool
    restricted: bool
    body: str = field(repr=False)  #: JSON of schemas.item.Item
    files: tuple[FileLayer, ...] = ()


def screened_again(text: KeptText, screening: Screening) -> Screened:
    """What the screens of today say of an edition that is kept."""
    item = ITEM.validate_json(text.body)
    ours = replace(screening, member=text.member)
    return screened(item, ours, files=layers_of(text.files, item), marked=marked(text.files))


def without_text(item: ItemBase) -> ItemBase:
    """What is left of an item that is to be purged: the names by which it is told from others."""
    return item.model_copy(update={"summary": "", "content_html": "", "authors": (), "tags": (), "attachments": ()})


def stray_rules(body: bytes, screening: Screening | None) -> tuple[str, ...]:
    """The purging rules that hit a body as a whole: it would be kept, with what became no item of it too."""
    if screening is None or not body:
        return ()
    try:
        found = screen_texts({"body": body.decode("utf-8", "replace")}, screening.terms)
        stated = dict(levels_in(body))
        levels = screen(_NOBODY, terms=screening.terms, metadata=stated) if stated else Verdict()
    except Exception as error:  # fails closed
        _tell(error)
        return (FAILED,)
    return tuple(rule for verdict in (found, levels) if verdict.purge for rule in verdict.rules)


def _tell(defect: Exception) -> None:
    import structlog  # and all that it brings: hardly any child ever needs it

    structlog.get_logger(__name__).error("defect in a screen", error=type(defect).__name__)


#: Stands for the record when nobody knows which one a field belongs to.
_NOBODY: Final = Notice(guid="-", title="-")


def name_mark(name: str, key: bytes) -> str:
    """An identity key of an item as it is kept of one whose text may not be kept."""
    return hmac.digest(key, f"name\n{name}".encode("utf-8", "surrogatepass"), "sha256").hex()
