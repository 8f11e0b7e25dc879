"""The picture of a post: which one is chosen, and its bytes as a platform takes them.

Pictures come from strangers. They are decoded one at a time in a thread of their own, never when their header names
more pixels than the limit, and always encoded anew: that removes positions, names and whatever else cameras write.

Pillow takes 4 MB, and most hubs meet no picture: it is imported for the first one.
"""

import asyncio
import html as entities
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Final

from connectors.parse.html import plain
from connectors.parse.text import clean_text, cut
from connectors.parse.url import web_url
from schemas.edition import PublishedItem

if TYPE_CHECKING:
    from PIL import Image

#: Most pixels of a picture that is decoded: 40 megapixels.
PIXEL_LIMIT: Final = 40_000_000
#: Longest alternative text, in characters.
ALT_LIMIT: Final = 250
#: Images of a page that say to be smaller than this, in pixels, are icons and rulers.
ICON: Final = 64

_READ: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
_QUALITIES: Final = (88, 78, 65, 50)
_SHRINK: Final = 0.75
_WHITE: Final = (255, 255, 255)
#: One: a decoded picture takes 160 MB.
_DECODER: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")

_IMG: Final = re.compile(
    r"<img\b([^<>]*)>(?:(?:\s|<(?!img\b)[^<>]*>){0,20}?<figcaption[^<>]*>(.{0,2000}?)</figcaption>)?", re.DOTALL
)
_ATTRIBUTE: Final = re.compile(r'([a-z]+)="([^"<>]*)"')
_PIXELS: Final = re.compile(r"(\d{1,5})(?:px)?")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A picture that belongs to an item."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """What a platform takes."""

    bytes: int = 4 * 1024 * 1024
    longest: int = 2048  #: pixels of the longer side; larger ones are scaled down
    least_width: int = 200  #: pixels; a smaller picture is not shown at all
    least_height: int = 200
    png: bool = True  #: takes PNG too, not only JPEG


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that fits."""

    body: bytes = field(repr=False)
    content_type: str  #: image/jpeg, image/png
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Unfit:
    """A picture that cannot be used; the post goes without it."""

    code: str  #: unreadable, too_large, too_small, too_heavy
    note: str  #: for an editor, in Vietnamese


_UNREADABLE: Final = Unfit("unreadable", "Tệp ảnh hỏng hoặc không phải định dạng ảnh thông dụng nên không dùng được.")
_TOO_LARGE: Final = Unfit("too_large", "Ảnh quá lớn (hơn 40 megapixel) nên không dùng được; cần thay ảnh nhỏ hơn.")
_TOO_SMALL: Final = Unfit("too_small", "Ảnh quá nhỏ để hiển thị rõ nên không được dùng.")
_TOO_HEAVY: Final = Unfit("too_heavy", "Không thu được ảnh về dung lượng mà nơi nhận cho phép.")


def pictures(item: PublishedItem, most: int = 10) -> tuple[Chosen, ...]:
    """The pictures of an item, the best first: its lead image, those of its text, those attached."""
    chosen: dict[str, Chosen] = {}
    in_text = {one.url: one for one in _in_text(item)}
    lead = web_url(item.image)
    if lead:
        chosen[lead] = in_text.get(lead) or Chosen(lead, _alt("", item))
    chosen |= {url: one for url, one in in_text.items() if url not in chosen}
    for attachment in item.attachments:
        url = web_url(attachment.url)
        if url and attachment.type.lower().startswith("image/") and url not in chosen:
            chosen[url] = Chosen(url, _alt(attachment.title, item))
    return tuple(chosen.values())[:most]


def choose(item: PublishedItem) -> Chosen | None:
    """The picture of an item; None when it has none."""
    return next(iter(pictures(item, 1)), None)


def _in_text(item: PublishedItem) -> Iterator[Chosen]:
    for found in _IMG.finditer(item.content_html):
        attributes = {name: entities.unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}
        url = web_url(attributes.get("src", ""))
        sides = [_PIXELS.fullmatch(attributes.get(side, "").strip()) for side in ("width", "height")]
        if url and all(side is None or int(side[1]) >= ICON for side in sides):
            yield Chosen(url, _alt(plain(found[2] or "") or attributes.get("alt", ""), item))


def _alt(own: str, item: PublishedItem) -> str:
    """The alternative text: the picture's own, else the title; never the name of a file."""
    own = clean_text(own)
    if not own or re.fullmatch(r"\S+\.\w{3,4}|[\W\d_]+", own):
        own = clean_text(item.title)
    return cut(own, ALT_LIMIT)


async def sized(body: bytes, limits: PictureLimits) -> Picture | Unfit:
    """A picture as a platform takes it: upright, RGB, first frame, without metadata, within bytes and pixels."""
    return await asyncio.get_running_loop().run_in_executor(_DECODER, _sized, body, limits)


def _sized(body: bytes, limits: PictureLimits) -> Picture | Unfit:
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(body), formats=_READ) as image:
            if image.width * image.height > PIXEL_LIMIT:
                return _TOO_LARGE
            if min(image.size) < min(limits.least_width, limits.least_height):
                return _TOO_SMALL  # before anything is decoded
            few_colours = image.format in ("PNG", "GIF")
            # JPEG scales by 2, 4 and 8 while it decodes, which takes a fraction of time and memory.
            image.draft("RGB", (limits.longest, limits.longest))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((limits.longest, limits.longest), Image.Resampling.LANCZOS)
            if upright.width < limits.least_width or upright.height < limits.least_height:
                return _TOO_SMALL
            return _encoded(upright, limits, as_png=limits.png and few_colours)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _TOO_LARGE
    except Exception:  # decoders meet hostile bytes and raise whatever they like; none of it may reach a worker
        return _UNREADABLE


def _encoded(image: "Image.Image", limits: PictureLimits, *, as_png: bool) -> Picture | Unfit:
    from PIL import Image

    if as_png:
        kept = image.convert("RGBA" if image.has_transparency_data else "RGB")
        made = _saved(kept, "PNG", optimize=False)
        if len(made) <= limits.bytes:
            return Picture(body=made, content_type="image/png", width=kept.width, height=kept.height)
    image = _flat(image)
    while image.width >= limits.least_width and image.height >= limits.least_height:
        for quality in _QUALITIES:
            made = _saved(image, "JPEG", quality=quality, optimize=True)
            if len(made) <= limits.bytes:
                return Picture(body=made, content_type="image/jpeg", width=image.width, height=image.height)
        smaller = max(1, round(image.width * _SHRINK)), max(1, round(image.height * _SHRINK))
        if smaller == image.size:
            break
        image = image.resize(smaller, Image.Resampling.LANCZOS)
    return _TOO_HEAVY


def _flat(image: "Image.Image") -> "Image.Image":
    """RGB; what is transparent stands on white."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    ground = Image.new("RGB", image.size, _WHITE)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _saved(image: "Image.Image", format: str, **options: object) -> bytes:
    """Encoded without what Pillow would carry over from the source: EXIF, comments, colour profile."""
    image.info = {}
    made = BytesIO()
    image.save(made, format, **options)
    return made.getvalue()
