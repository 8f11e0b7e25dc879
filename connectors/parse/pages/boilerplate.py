"""What stands on an article's page and is no part of the article: the words and names by which it is known.

Lists of words only, in Vietnamese and English, as portals and newspapers use them; article.py decides.
"""

import re
from typing import Final

from connectors.parse.pages.tree import Element

#: Names of classes and ids of parts that are about the article or lead away from it.
_APART: Final = re.compile(
    r"(?<![a-z])(?:ads?|advert\w*|author-?(?:bio|box|info)\w*|banner|breadcrumbs?|combx|comments?|commentlist|community|cookies?|copyright|disqus"
    r"|extra|footer|gdpr|legends|login|masthead|menu|modal|most-?(?:read|popular|viewed)|nav|navbar|navigation|newsletter"
    r"|outbrain|pager|paginat\w*|popup|popular|print|promo\w*|rating|recommend\w*|related\w*|remark|replies|rss|share|sharing"
    r"|sharedaddy|shout\w*|sidebar|skyscraper|social\w*|sponsor\w*|subscri\w*|supplemental|taboola|tags?|tool(?:bar|s|box)|widget"
    r"|tin-?(?:lien-?quan|khac|moi|cu|cung)\w*|bai-?(?:viet-?)?(?:khac|lien-?quan|cung)\w*|binh-?luan|luot-?xem|chia-?se"
    r"|in-?trang|quang-?cao|doc-?nhieu|xem-?nhieu|sr-only|visually-hidden|screen-reader\w*)(?![a-z])",
    re.IGNORECASE,
)
#: Names of parts that hold the article, whatever else their name says.
_ARTICLE: Final = re.compile(
    r"(?<![a-z])(?:article\w*|body|column|content\w*|main|posts?|story\w*|entry|detail\w*|noi-?dung\w*|chi-?tiet\w*"
    r"|journal-content\w*|text)(?![a-z])",
    re.IGNORECASE,
)
#: Characters of a class or an id that are looked at: each element is asked for those of all elements around it.
_NAMES: Final = 500
_ROLES: Final = frozenset({
    "alert", "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar", "navigation",
    "search", "toolbar",
})  # fmt: skip
_PARTS: Final = frozenset({"aside", "footer", "menu", "nav"})
_NEVER_APART: Final = frozenset({
    "html", "body", "form", "main", "article", "table", "tbody", "tr", "td", "th", "a", "code", "pre", "b", "strong",
    "i", "em", "span", "br", "img",
})  # fmt: skip

#: Headings behind which other articles are listed, or readers speak.
TAIL: Final = re.compile(
    r"(?:các\s+)?(?:tin|bài(?:\s+viết)?|tin\s+bài|tin\s+tức|bản\s+tin|nội\s+dung|thông\s+tin|văn\s+bản)\s+"
    r"(?:liên\s+quan|khác|mới(?:\s+(?:hơn|nhất|cập\s+nhật))?|cũ\s+hơn|cùng\s+(?:chuyên\s+mục|thể\s+loại|loại|chủ\s+đề)|đã\s+đưa"
    r"|đã\s+đăng|nổi\s+bật|đọc\s+nhiều|xem\s+nhiều)\b.{0,30}"
    r"|(?:có\s+thể\s+)?bạn\s+(?:quan\s+tâm|nên\s+đọc|đọc\s+quan\s+tâm).{0,20}|đọc\s+(?:thêm|nhiều(?:\s+nhất)?)|xem\s+thêm"
    r"|(?:ý\s+kiến|bình\s+luận|phản\s+hồi)(?:\s+(?:bạn\s+đọc|của\s+bạn|người\s+dùng))?.{0,20}|gửi\s+(?:bình\s+luận|ý\s+kiến).{0,30}"
    r"|(?:related|more|other|recommended|popular|latest|recent)\s+(?:\w+\s+){0,2}(?:articles?|news|stories|posts?|reading|topics?)"
    r"|read\s+(?:more|next|also)|see\s+also|you\s+may\s+(?:also\s+)?like.{0,20}|don['’]t\s+miss|most\s+read(?:\s+in\s.{1,40})?"
    r"|(?:tell\s+us\s+)?what\s+(?:do\s+)?you\s+think.{0,10}|\d*\s*comments?|leave\s+a\s+(?:reply|comment).{0,20}",
    re.IGNORECASE,
)  # fmt: skip
#: Short texts that are furniture wherever they stand.
FURNITURE: Final = re.compile(
    r"advert(?:isement|s|ising)?|quảng\s+cáo|share(?:\s+(?:this|on|via|with)\b.{0,30})?|sharing\s+is\s+caring|chia\s+sẻ(?:\s.{0,30})?"
    r"|print(?:\s+this)?(?:\s+page)?|e-?mail(?:\s+this)?|in(?:\s+(?:trang|bài(?:\s+viết)?|ấn|tin))|gửi\s+(?:email|mail|cho\s+bạn\s+bè|bài\s+viết)"
    r"|lưu(?:\s+(?:bài|trang))?|về\s+trang\s+trước|quay\s+lại|trở\s+(?:về|lại)(?:\s.{0,20})?|(?:lên\s+)?đầu\s+trang|back\s+to\s+top"
    r"|cỡ\s+chữ(?:\s.{0,20})?|(?:nghe|đọc)\s+(?:bài|báo|nội\s+dung)(?:\s.{0,20})?|xem\s+với\s+cỡ\s+chữ(?:\s.{0,20})?|tương\s+phản"
    r"|(?:số\s+)?(?:lượt|lần)\s+(?:xem|đọc|truy\s+cập)\s*:?\s*[\d.,]*|[\d.,]+\s*(?:lượt|lần)\s+(?:xem|đọc)|đã\s+xem\s*:?\s*[\d.,]*"
    r"|views?\s*:?\s*[\d.,]*|thích|like\s+this|loading|tweet|facebook|zalo|twitter|linkedin|pinterest|whatsapp"
    r"|theo\s+dõi\s+(?:chúng\s+tôi|báo).{0,40}|follow\s+us.{0,40}|đánh\s+giá(?:\s.{0,30})?|bình\s+luận(?:\s*\(\d+\))?|comments?(?:\s*\(\d+\))?",
    re.IGNORECASE,
)  # fmt: skip
_POINTER: Final = re.compile(
    r"\W{0,5}(?:(?:xem|đọc)\s+(?:thêm|tiếp)|(?:tin|bài)\s+(?:viết\s+)?liên\s+quan|mời\s+(?:bạn\s+đọc\s+)?xem|see\s+(?:more|also)|read\s+(?:more|also|next)"
    r"|also\s+(?:on|read|see)|related|more)\b",
    re.IGNORECASE,
)
_AROUND: Final = " \t\n\r:.,;…|>»›-–—*•[]()!?\xa0"


def named(element: Element) -> str:
    """Class and id of an element in one text, as much of it as anybody writes."""
    return f"{element.get('class', '')[:_NAMES]} {element.get('id', '')[:_NAMES]}".strip()


def weight(element: Element) -> int:
    """What an element's names say: +25 an article's part, -25 not, 0 nothing or both."""
    names = named(element)
    if not names:
        return 0
    return 25 * ((_ARTICLE.search(names) is not None) - (_APART.search(names) is not None))


def is_apart(element: Element) -> bool:
    """Whether an element says of itself that it is no part of the article."""
    if element.tag in _PARTS or element.get("role") in _ROLES:
        return True
    if element.tag in _NEVER_APART:
        return False
    names = named(element)
    return bool(names) and _APART.search(names) is not None and _ARTICLE.search(names) is None


def is_furniture(text: str) -> bool:
    """Whether a whole text is a button, a counter or a label."""
    return len(text) <= 120 and FURNITURE.fullmatch(text.strip(_AROUND)) is not None


def begins_tail(text: str) -> bool:
    """Whether a whole text is the heading of a list of other articles or of readers' comments."""
    return len(text) <= 80 and TAIL.fullmatch(text.strip(_AROUND)) is not None


def points_elsewhere(text: str) -> bool:
    """Whether a paragraph begins as one does that names another article: `Xem thêm: ...`."""
    return _POINTER.match(text) is not None
