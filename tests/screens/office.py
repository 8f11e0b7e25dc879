"""Texts as offices write them, into which a mark or a trap is put. All persons, numbers and texts are made up."""

import html
import random
from collections.abc import Iterator
from dataclasses import dataclass

from hub.rules.screen.verdict import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One text, as a feed or page has it (`html`), and as a file that is attached to a clean text has it."""

    name: str  #: what it is: mark, disguise, wrapping
    needle: str  #: a word that stands nowhere else
    title: str
    summary: str
    html: str  #: the text with the mark
    clean_html: str  #: the same without it, to go with the file
    file_text: str  #: lines of a file with the mark
    outcome: Outcome | None  #: None: nothing may happen
    rule: str = ""  #: one of the rules that have to hit


_UNITS = (
    "Sở Nội vụ", "Sở Tài chính", "Sở Y tế", "Sở Xây dựng", "UBND xã Ea Tu", "UBND phường Tân An", "Ban Quản lý dự án",
    "Sở Nông nghiệp và Môi trường", "Văn phòng UBND tỉnh", "UBND xã Hoà Thắng", "Sở Giáo dục và Đào tạo",
)  # fmt: skip
_TASKS = (
    "kiểm tra công tác phòng cháy, chữa cháy rừng", "rà soát quy hoạch sử dụng đất", "chi trả chế độ bảo trợ xã hội",
    "phòng, chống dịch sốt xuất huyết", "giải phóng mặt bằng đường vành đai", "tuyển sinh vào lớp 10", "chuyển đổi số",
    "tiếp công dân định kỳ", "giải ngân vốn đầu tư công", "xây dựng nông thôn mới", "diễn tập khu vực phòng thủ",
)  # fmt: skip
_SENTENCES = (
    "Thực hiện ý kiến chỉ đạo của Chủ tịch UBND tỉnh, {unit} báo cáo kết quả {task} như sau.",
    "Đến ngày {day}, đã có {n} đơn vị hoàn thành {task}, đạt {p} % kế hoạch.",
    "{unit} đề nghị các cơ quan, đơn vị phối hợp {task} trước ngày {day}.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, đề nghị phản ánh về {unit} để tổng hợp.",
    "Qua kiểm tra tại {n} xã, phường, việc {task} cơ bản bảo đảm tiến độ.",
)
_TITLES = (
    "Báo cáo kết quả {task}", "Kế hoạch {task}", "Công văn về việc {task}", "Thông báo kết luận về {task}",
    "{unit} triển khai {task}",
)  # fmt: skip


def filled(rng: random.Random, template: str) -> str:
    return template.format(
        unit=rng.choice(_UNITS), task=rng.choice(_TASKS), n=rng.randint(2, 90), p=rng.randint(20, 99),
        day=f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/2026", number=f"{rng.randint(1, 2999)}",
    )  # fmt: skip


NAMES = (
    "Nguyễn Văn Thử", "Trần Thị Mẫu", "Lê Hoàng Giả", "Phạm Thị Ví Dụ", "H' Mẫu Niê", "Y Thử Byă", "Đỗ Văn Tượng",
    "Hoàng Thị Thí", "Nông Văn Nghiệm", "Bùi Thị Kiểm",
)  # fmt: skip
WRAPPINGS = (
    "<p>{0}</p>", "<div>{0}</div>", "<h1>{0}</h1>", "<h3><strong>{0}</strong></h3>", "<center><b>{0}</b></center>",
    '<p style="text-align:right"><span style="color:red">{0}</span></p>', "<blockquote>{0}</blockquote>",
    "<table><tr><td>UBND TỈNH</td><td>{0}</td></tr></table>", "<table><thead><tr><th>{0}</th></tr></thead></table>",
    "<ul><li>Kính gửi các đơn vị</li><li>{0}</li></ul>", "<p>Kính gửi: các đơn vị<br>{0}<br/>Nơi nhận: như trên</p>",
    "<dl><dt>Thể loại</dt><dd>Báo cáo</dd><dt>Ghi chú</dt><dd>{0}</dd></dl>",
    "<section><div><p><i>{0}</i></p></div></section>",
    "<p>&nbsp;{0}&nbsp;</p>", "<figure><figcaption>{0}</figcaption></figure>",
)  # fmt: skip


def fair(rng: random.Random, names: list[str]) -> Iterator[str]:
    """All of them, again and again, each round in another order."""
    while True:
        yield from rng.sample(names, len(names))


def sample(
    rng: random.Random,
    name: str,
    block: str,
    lines: str,
    *,
    outcome: Outcome | None,
    rule: str = "",
    title: str = "",
) -> Sample:
    needle = "kyhieuthu" + "".join(rng.choices("bcdghklmnpqrstvx", k=12))
    paragraphs = [filled(rng, one) for one in rng.sample(_SENTENCES, rng.randint(2, 4))]
    paragraphs[-1] += f" Tham chiếu {needle}."
    around = [f"<p>{html.escape(one)}</p>" for one in paragraphs]
    at = rng.randint(0, len(around))
    written = [*paragraphs[:at], lines, *paragraphs[at:]]
    return Sample(
        name=name, needle=needle, title=f"{title or filled(rng, rng.choice(_TITLES))} ({needle})",
        summary=filled(rng, rng.choice(_SENTENCES)), html="\n".join([*around[:at], block, *around[at:]]),
        clean_html="\n".join(around), file_text="\n".join(written), outcome=outcome, rule=rule,
    )  # fmt: skip
