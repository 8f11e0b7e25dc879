"""The key of the story that an item tells, so that several members who publish it give one post."""

from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from connectors.parse.text import words
from schemas.edition import PublishedItem

#: Fewer words or letters say too little: every office has a «Thông báo» each day.
LEAST_WORDS: Final = 4
LEAST_LETTERS: Final = 12
#: Longest key, in characters; the words of a longer title end in a digest of them all.
KEY_LIMIT: Final = 160

_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


def story_key(item: PublishedItem) -> str:
    """Day of publication and folded words of the title: `2026-03-02 lich tiem chung thang ba`.

    Letter case, marks and punctuation change nothing. Empty for an item without a day, or whose title says too little
    to tell two stories apart: it stands for itself.
    """
    title = words(item.title)
    told = " ".join(title)
    letters = sum(character.isalpha() for character in told)
    if item.published is None or len(title) < LEAST_WORDS or letters < LEAST_LETTERS:
        return ""
    day = item.published.astimezone(_VIETNAM).date().isoformat()
    if len(day) + 1 + len(told) > KEY_LIMIT:
        digest = sha256(told.encode()).hexdigest()[:16]
        told = f"{told[: KEY_LIMIT - len(day) - 2 - len(digest)].rstrip()} {digest}"
    return f"{day} {told}"
