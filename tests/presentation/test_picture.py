"""Pictures of posts: which one is chosen, and what becomes of its bytes."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from connectors.presentation.picture import ALT_LIMIT, Chosen, Picture, PictureLimits, Unfit, choose, pictures, sized
from tests.presentation.builders import published

LIMITS = PictureLimits(bytes=200_000, longest=800, least_width=50, least_height=50)
PAGE = (
    '<p>Mở đầu</p><img src="https://a.vn/dot.gif" width="16" height="16">'
    '<figure><img src="https://a.vn/1.jpg" alt="DSC_01.JPG">'
    "<figcaption>Người dân làm <b>thủ tục</b></figcaption></figure>"
    '<p><img src="https://a.vn/2.jpg" alt="Cán bộ &quot;một cửa&quot;"></p>'
)


def encoded(size: tuple[int, int] = (300, 200), format: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    made = BytesIO()
    Image.new(mode, size, options.pop("color", 0)).save(made, format, **options)
    return made.getvalue()


def test_the_lead_image_comes_first_then_those_of_the_text_then_those_attached() -> None:
    attached = [
        {"url": "https://a.vn/x.pdf", "type": "application/pdf"},
        {"url": "https://a.vn/3.png", "type": "image/png", "title": "Sơ đồ tuyến đường"},
    ]
    item = published(image="https://a.vn/0.jpg", content_html=PAGE, attachments=attached)
    assert pictures(item) == (
        Chosen("https://a.vn/0.jpg", item.title), Chosen("https://a.vn/1.jpg", "Người dân làm thủ tục"),
        Chosen("https://a.vn/2.jpg", 'Cán bộ "một cửa"'), Chosen("https://a.vn/3.png", "Sơ đồ tuyến đường"),
    )  # fmt: skip
    assert pictures(item, 2) == pictures(item)[:2]
    assert choose(published(content_html=PAGE)) == Chosen("https://a.vn/1.jpg", "Người dân làm thủ tục")
    assert choose(published(attachments=attached)) == Chosen("https://a.vn/3.png", "Sơ đồ tuyến đường")
    assert choose(published()) is None


def test_a_lead_image_that_stands_in_the_text_has_its_caption_there() -> None:
    item = published(image="https://a.vn/2.jpg", content_html=PAGE)
    assert choose(item) == Chosen("https://a.vn/2.jpg", 'Cán bộ "một cửa"')
    assert [one.url for one in pictures(item)] == ["https://a.vn/2.jpg", "https://a.vn/1.jpg"]


@pytest.mark.parametrize("alt", ["", "anh_01.jpeg", "...", "  12 ", "\u202e"])
def test_an_alternative_text_that_says_nothing_gives_way_to_the_title(alt: str) -> None:
    item = published(content_html=f'<img src="https://a.vn/1.jpg" alt="{alt}">')
    assert choose(item) == Chosen("https://a.vn/1.jpg", item.title)


@pytest.mark.parametrize("src", ["javascript:x()", "data:image/png;base64,AA", "", "//", "https://u:p@a.vn/1.jpg"])
def test_an_image_elsewhere_than_on_the_web_is_none(src: str) -> None:
    assert choose(published(image=src, content_html=f'<img src="{src}">')) is None


def test_a_long_caption_is_cut() -> None:
    chosen = choose(published(content_html=f'<img src="https://a.vn/1.jpg" alt="{"chữ " * 400}">'))
    assert chosen is not None
    assert len(chosen.alt) <= ALT_LIMIT


async def test_a_picture_is_scaled_down_and_encoded_as_jpeg() -> None:
    picture = await sized(encoded((2_000, 1_000)), LIMITS)
    assert isinstance(picture, Picture)
    assert (picture.content_type, picture.width, picture.height) == ("image/jpeg", 800, 400)
    assert len(picture.body) <= LIMITS.bytes


async def test_a_small_picture_keeps_its_size() -> None:
    picture = await sized(encoded((120, 90)), LIMITS)
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (120, 90)


async def test_a_picture_stands_upright_and_tells_nothing_of_its_camera() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Hãng máy ảnh"
    exif.get_ifd(0x8825)[1] = "N"
    picture = await sized(encoded((300, 200), exif=exif, comment=b"bi mat", icc_profile=b"x" * 200), LIMITS)
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (200, 300)
    with Image.open(BytesIO(picture.body)) as image:
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile"} & image.info.keys()


@pytest.mark.parametrize(
    ("format", "mode", "content_type"),
    [
        ("JPEG", "CMYK", "image/jpeg"), ("JPEG", "L", "image/jpeg"), ("BMP", "RGB", "image/jpeg"),
        ("PNG", "RGBA", "image/png"), ("PNG", "P", "image/png"), ("PNG", "1", "image/png"),
        ("PNG", "I;16", "image/png"), ("GIF", "P", "image/png"), ("WEBP", "RGBA", "image/jpeg"),
    ],
)  # fmt: skip
async def test_every_usual_format_and_colour_becomes_jpeg_or_png(format: str, mode: str, content_type: str) -> None:
    picture = await sized(encoded((300, 200), format, mode), LIMITS)
    assert isinstance(picture, Picture)
    assert picture.content_type == content_type
    with Image.open(BytesIO(picture.body)) as image:
        assert image.mode in ("RGB", "RGBA")
        assert image.size == (300, 200)


async def test_what_is_transparent_stands_on_white_where_png_is_not_taken() -> None:
    limits = PictureLimits(png=False, least_width=1, least_height=1)
    picture = await sized(encoded((60, 60), "PNG", "RGBA", color=(0, 0, 0, 0)), limits)
    assert isinstance(picture, Picture)
    with Image.open(BytesIO(picture.body)) as image:
        assert image.getpixel((30, 30)) == (255, 255, 255)


async def test_of_an_animation_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (100, 80), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    made = BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:], duration=100)
    picture = await sized(made.getvalue(), LIMITS)
    assert isinstance(picture, Picture)
    with Image.open(BytesIO(picture.body)) as image:
        assert getattr(image, "n_frames", 1) == 1
        assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


async def test_a_picture_that_cannot_be_made_light_enough_says_so() -> None:
    noise = Image.effect_noise((400, 400), 200).convert("RGB")
    made = BytesIO()
    noise.save(made, "PNG")
    light = await sized(made.getvalue(), PictureLimits(bytes=30_000, least_width=50, least_height=50))
    assert isinstance(light, Picture)
    assert len(light.body) <= 30_000
    heavy = await sized(made.getvalue(), PictureLimits(bytes=1_000, least_width=300, least_height=300))
    assert isinstance(heavy, Unfit)
    assert heavy.code == "too_heavy"


def png_header(width: int, height: int) -> bytes:
    """A PNG whose header promises a size and whose data ends at once."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + b"\0\0\0\0IDAT"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "unreadable"), (b"<!doctype html><title>404</title>", "unreadable"), (encoded()[:400], "unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable"), (encoded(format="TIFF"), "unreadable"),
        (encoded((1, 1)), "too_small"), (encoded((2_000, 8)), "too_small"), (png_header(8_000, 6_000), "too_large"),
        (png_header(10_000, 10_000), "too_large"), (png_header(60_000, 60_000), "too_large"),
        (png_header(500, 500), "unreadable"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_says_why(body: bytes, code: str) -> None:
    unfit = await sized(body, LIMITS)
    assert isinstance(unfit, Unfit)
    assert unfit.code == code
    assert unfit.note


async def test_a_picture_of_forty_megapixels_is_taken() -> None:
    picture = await sized(encoded((8_000, 5_000), color=(90, 120, 150)), LIMITS)
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (800, 500)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 600), st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "BMP"]))
async def test_broken_bytes_never_raise(noise: bytes, at: int, format: str) -> None:
    whole = encoded((60, 60), format)
    result = await sized(whole[:at] + noise + whole[at + len(noise) :], LIMITS)
    assert isinstance(result, Picture | Unfit)
