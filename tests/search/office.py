"""Made-up texts of offices with queries for them: each query knows the item that it seeks.

Everything follows from one number, so that a run can be repeated; the words are our own.
"""

import random
import unicodedata
from dataclasses import dataclass

from connectors.parse.text import fold
from schemas.item import Document, ItemBase, News, Procedure

SEED = 20_261_122
PLACES = (
    "Hòa Phú", "Thúy Sơn", "Khỏe An", "Đông Thạnh", "Lũng Vân", "Bình Trị", "Ngọc Lặc", "Quỳ Hợp", "Thủy Xuân",
    "Mường Tè", "Cẩm Lệ", "Ea Súp", "Hòa Bình", "Tân Quý", "Vĩnh Thụy", "Yên Khê", "Sơn Thọ", "Phước Hậu", "Lộc Ninh",
    "Trà Bồng",
)  # fmt: skip
WORKS = (
    ("cấp nước sạch", "đường ống dẫn nước", "hộ dùng nước"),
    ("tiêm chủng mở rộng", "mũi tiêm nhắc lại", "trẻ dưới năm tuổi"),
    ("giải phóng mặt bằng", "bồi thường về đất", "thửa đất bị thu hồi"),
    ("chuyển đổi số", "tổ công nghệ cộng đồng", "chữ ký số"),
    ("phòng cháy rừng", "chòi canh lửa", "đường băng cản lửa"),
    ("hòa giải cơ sở", "tổ hòa giải", "vụ việc hòa giải thành"),
    ("tuyển dụng viên chức", "phiếu đăng ký dự tuyển", "vòng phỏng vấn"),
    ("hỗ trợ nhà ở", "hộ nghèo", "mái tôn chống bão"),
    ("khuyến nông", "giống lúa chịu mặn", "mô hình trình diễn"),
    ("thủy lợi nội đồng", "kênh mương", "trạm bơm điện"),
)
ACTS = ("Đẩy nhanh tiến độ", "Tổng kết", "Lấy ý kiến về", "Kiểm tra", "Bổ sung kinh phí cho")
MEMBERS = ("so-y-te", "xa-ha-lieu")
#: Vowels in the old placement of the tone and in the new one.
TURNED = {"òa": "oà", "óa": "oá", "ỏe": "oẻ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ", "ùy": "uỳ"}
TONES = "\u0300\u0301\u0303\u0309\u0323"


@dataclass(frozen=True, slots=True)
class Sought:
    """A query, what kind of query it is, and the guid of the item that it seeks."""

    kind: str
    words: str
    guid: str


def items() -> list[ItemBase]:
    """A hundred news, documents and procedures; places and works come again and again, never the same two together."""
    rng = random.Random(SEED)
    made: list[ItemBase] = []
    pairs = [(place, work) for place in PLACES for work in range(len(WORKS))]
    for number, (place, which) in enumerate(rng.sample(pairs, 100)):
        work, detail, other = WORKS[which]
        title = f"{rng.choice(ACTS)} {work} tại xã {place}"
        content = (
            f"<p>Ủy ban nhân dân xã {place} họp về {work}; {detail} được giao cho tổ số {number + 3}.</p>"
            f"<p>Đến nay đã có <b>{rng.randrange(40, 900)}</b> {other} được rà soát, kinh phí lấy từ ngân sách xã.</p>"
        )
        fields = {"guid": f"so-{number}", "title": title, "content_html": content}
        match number % 4:
            case 0:
                said = f"{number + 11}/{2019 + number % 7}/QĐ-UBND"
                made.append(Document.model_validate(fields | {"number": said, "abstract": f"Về việc {work}"}))
            case 1:
                code = f"1.{12_000 + number * 37:06}.000.00.00.H52"
                made.append(Procedure.model_validate(fields | {"code": code, "title": f"Đề nghị {work} ở xã {place}"}))
            case _:
                made.append(News.model_validate(fields))
    return made


def queries() -> list[Sought]:
    """Over two hundred queries of every kind."""
    rng = random.Random(SEED + 1)
    found: list[Sought] = []
    for number, item in enumerate(items()):
        title, guid = item.title, item.guid
        place = title.rpartition("xã ")[2]
        detail = next(work[1] for work in WORKS if work[0] in title)
        kinds = {
            "without marks": fold(title),
            "the other placement of the tone": _turned(title),
            "decomposed": unicodedata.normalize("NFD", title).upper(),
            "a phrase": f'"{" ".join(title.split()[-5:])}"',
            "words of the text": f"{detail} {place}",
            "member and words": f"sở y tế {fold(place)} {fold(detail)}",
            "a slip in a mark": _slipped(rng, title),
        }
        if isinstance(item, Document):
            count, year, name = item.number.split("/")
            forms = (
                item.number, item.number.lower(), fold(item.number), f"Số: {count} / {year} / {name}",
                f"số {count}/{year}/qđubnd", f"quyết định số {item.number}", f"{count}/{year}",
            )  # fmt: skip
            found += [Sought("number", form, guid) for form in forms[number % 3 :: 3]]
        if isinstance(item, Procedure):
            found += [Sought("code", form, guid) for form in (item.code, item.code[:8], item.code.lower())]
        found += [Sought(kind, words, guid) for kind, words in rng.sample(sorted(kinds.items()), 2)]
    return found


def _turned(text: str) -> str:
    for new, old in TURNED.items():
        text = text.replace(new, old)
    return text


def _slipped(rng: random.Random, text: str) -> str:
    """The same with the wrong tone on one word."""
    words = text.split()
    place = rng.choice([at for at, word in enumerate(words) if set(unicodedata.normalize("NFD", word)) & set(TONES)])
    slipped = "".join(
        rng.choice(TONES) if letter in TONES else letter for letter in unicodedata.normalize("NFD", words[place])
    )
    return " ".join([*words[:place], unicodedata.normalize("NFC", slipped), *words[place + 1 :]])
