"""Which state the edition of a new or changed item gets first: approved by a standing rule, or held for a person.

The questions in order; the first that is answered yes holds the edition:

    did a screen find something in it?          the duty officer looks first
    did one find a secret in it before?         whatever comes under that name needs a person
    was the item withdrawn, by whomever?        new content after a withdrawal needs a person
    did a person change its text?               the source does not overwrite that; a person chooses
    was its last edition rejected?              the source repeats what a person refused
    does an earlier edition still wait?         an edit is no way around a person
    is it marked for the administration?        whoever sent it did not mean the public
    does the source say `review = "hold"`?      also for a comma: nothing is public that nobody approved

Otherwise the source's `review = "auto"` is the signed approval.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from hub.rules.change import Change
from schemas.edition import EditionState, UpdateType

#: The source of what contributors write in the hub; no source of the settings has this name.
DESK = "ban-bien-tap"
#: The remark of what is meant for the administration (connectors/parse/edxml/documents.py).
INTERNAL = "internal_only"
#: The reason of what comes under the name of an item in which the secrecy screen found something.
SECRECY_BEFORE = "secrecy_before"


class Review(StrEnum):
    """A source's setting `review`."""

    AUTO = "auto"  #: a permitted person signed that this source is published unseen
    HOLD = "hold"  #: every edition waits for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened to the item before this edition; the defaults are those of a new item."""

    withdrawn_by: Literal["", "person", "source", "screen"] = ""
    secrecy: bool = False  #: the secrecy screen hit an earlier text of it
    edited: bool = False  #: a person's text is public, or waits
    rejected: bool = False  #: the newest edition was rejected
    held: bool = False  #: the newest edition still waits for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstState:
    """State of a new edition, the stable code why, and the same for a clerk."""

    state: EditionState
    reason: str
    sentence: str


def held_by_screen(rule: str, sentence: str) -> FirstState:
    """A screen wants a person to look, before anybody else does."""
    return _held(f"screen:{rule}", sentence)


def first_state(review: Review, change: Change, past: Past, remarks: Collection[str] = ()) -> FirstState:
    """State for an edition that says `change`. A run that the guard holds makes none, so nobody asks for it here.

    `remarks` are those of the reading (docs/reference/errors.md).
    """
    if past.secrecy or past.withdrawn_by == "screen":
        return _held(
            SECRECY_BEFORE,
            "Bài này từng có nội dung mang dấu hiệu bí mật nhà nước; nội dung mới phải được người trực xem trước.",
        )
    if past.withdrawn_by == "person":
        return _held(
            "withdrawn_by_person", "Bài đã bị gỡ theo quyết định của ban biên tập; nội dung mới phải được duyệt lại."
        )
    if past.withdrawn_by:
        return _held("withdrawn_by_source", "Nguồn đã gỡ bài này rồi đăng lại; nội dung mới phải được duyệt.")
    if past.edited:
        return _held(
            "edited_by_person",
            "Ban biên tập đã sửa bài này; nội dung mới của nguồn không tự thay bản đã sửa. Chọn lấy bản của nguồn, giữ"
            " bản của ta, hoặc biên tập gộp.",
        )
    if past.rejected:
        return _held("rejected_before", "Phiên bản trước đã bị từ chối; nội dung mới phải được duyệt.")
    if past.held:
        return _held("held_before", "Phiên bản trước còn chờ duyệt nên phiên bản này cũng chờ duyệt.")
    if INTERNAL in remarks:
        return _held(
            "internal_only",
            "Văn bản này gửi nội bộ cơ quan hành chính; chỉ công khai khi có người xem xét và quyết định.",
        )
    if review is Review.HOLD:
        minor = change.update_type is UpdateType.MINOR
        return _held("review_minor" if minor else "review", "Nguồn này được cài đặt phải duyệt từng phiên bản.")
    return FirstState(
        state=EditionState.APPROVED, reason="review_auto", sentence="Nguồn này được cài đặt tự động duyệt."
    )


def _held(reason: str, sentence: str) -> FirstState:
    return FirstState(state=EditionState.HELD, reason=reason, sentence=sentence)
