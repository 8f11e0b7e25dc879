"""What readers see of the fields that only procedures and documents have: sections of a page, or one sentence."""

from pydantic import ValidationError

from connectors.parse.text import cut
from hub.sheets import documents, procedures
from hub.sheets.facts import Section
from schemas.edition import PublishedItem
from schemas.item import ITEM_TYPES, Document, ItemBase, Kind, Procedure

#: Characters of a sentence that stands for a summary.
SENTENCE_LIMIT = 500


def sections(item: PublishedItem) -> list[Section]:
    """The sections of an item's page, in the order people know; `item` has passed the gate."""
    match typed(item):
        case Procedure() as procedure:
            return procedures.sections(procedure)
        case Document() as document:
            return documents.sections(document)
    return []


def summary(item: PublishedItem) -> str:
    """The item's own summary; where it has no text at all, its main fields as a sentence."""
    if item.summary or item.content_html:
        return item.summary
    match typed(item):
        case Procedure() as procedure:
            told = procedures.sentence(procedure)
        case Document() as document:
            told = documents.sentence(document)
        case _:
            return ""
    return cut(" ".join(told.split()), SENTENCE_LIMIT)


def typed(item: PublishedItem) -> Procedure | Document | None:
    """The item with the fields of its kind; None for other kinds, and for one that this release cannot read."""
    if item.kind not in (Kind.PROCEDURE, Kind.DOCUMENT):
        return None
    shared = {name: getattr(item, name) for name in ItemBase.model_fields if name not in ("kind", "guid")}
    try:
        read = ITEM_TYPES[item.kind].model_validate({**item.details, **shared, "guid": str(item.content_id)})
    except ValidationError:  # a newer hub wrote it to a portal of ours: the rest of the item is shown all the same
        return None
    return read if isinstance(read, Procedure | Document) else None
