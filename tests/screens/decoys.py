"""Realistic texts full of traps for the screens: words and numbers that only look like marks or personal data."""

import html
import random
import unicodedata
from collections.abc import Callable

from tests.screens.office import NAMES, WRAPPINGS, Sample, fair, filled, sample

_TRAPS = (
    "Hội nghị tập huấn công tác bảo vệ bí mật nhà nước năm 2026",
    "HỘI NGHỊ TRIỂN KHAI LUẬT BẢO VỆ BÍ MẬT NHÀ NƯỚC",
    "BẢO MẬT THÔNG TIN CÁ NHÂN TRÊN KHÔNG GIAN MẠNG",
    "MẬT ONG RỪNG ĐẠT CHỨNG NHẬN OCOP 4 SAO",
    "MẬT ĐỘ DÂN SỐ {unit}",
    "Giá mật ong hoa cà phê tăng {p} % so với năm trước",
    "Mật độ giao thông trên Quốc lộ 14 tăng {n} %",
    "Công khai theo quy định, trừ trường hợp thông tin thuộc bí mật nhà nước.",
    "không để lộ, lọt bí mật Nhà nước",
    "Gửi, nhận văn bản điện tử trên trục liên thông (trừ văn bản mật).",
    "Đổi mật khẩu hộp thư công vụ định kỳ {n} ngày.",
    "Ban Cơ yếu phát triển ngành mật mã Việt Nam",
    "Bổ nhiệm đại biểu Uỷ ban Quốc phòng, cơ mật viện thời Nguyễn",
    "Quan hệ thân mật, gắn bó mật thiết với Nhân dân",
    "Phim truyền hình “Mật vụ” quay tại {unit}",
    "Vở kịch Hồ sơ tuyệt mật ra mắt khán giả",
    "Bộ Công an giải mật nhiều hồ sơ về chiến dịch năm 1975.",
    "Độ mật: Thường",
    "Số: {number}/UBND-VX. Độ mật: Thường. Độ khẩn: Hoả tốc",
    "Độ mật | Thường",
    "Độ khẩn: Thượng khẩn",
    "Thông báo tài liệu thu hồi đất dự án đường vành đai",
    "TÀI LIỆU THU HỒI ĐẤT THỰC HIỆN DỰ ÁN",
    "Bí mật nhà nước gồm ba độ mật: tuyệt mật, tối mật và mật theo Điều 8 của Luật.",
    "Cán bộ làm công tác bảo mật, tối mật hay tuyệt mật đều phải cam kết.",
    "Chìa khoá bí mật của chữ ký số",
    "Bệnh bạch hầu không phổ biến ở khu vực đồng bằng",
    "Việc dùng nước ngầm ở đây không phổ biến rộng như trước.",
    "Số hoá {n} biên bản số hoá, văn bản số: {number}",
    "Bản số hoá bản đồ địa chính năm 2024",
    "Cao trình {n}/MNDBT (m), dung tích {p} triệu m3",
    "Chiều rộng mặt đường (m): {n}/{p} (m)",
    "Vải khổ {n}/{p} (M)",
    "Giấy phép lưu hành xe số {number}/GPLX",
    "Phạm vi lưu hành của phương tiện được ghi trong giấy phép.",
    "Đường dây nóng: 0912 345 678 (trực 24/24)",
    "Liên hệ {unit}, điện thoại 0262 3852 {n}00, email vanphong@daklak.gov.vn",
    "Công ty TNHH Thử Nghiệm, mã số thuế 0101243150, địa chỉ tại thôn {n}",
    "Tổng đài 1800 1{n}0 và 19001{n}9 phục vụ 24/7",
    "Hướng dẫn làm thẻ căn cước cho công dân từ 0 đến 6 tuổi",
    "Mẫu đơn: Họ và tên; Ngày sinh; Số CCCD; Địa chỉ thường trú",
    "Đăng ký tài khoản định danh điện tử mức độ 2 trước ngày {day}",
    "Mã hồ sơ 000.00.12.H15-26{n}12-0{n}1",
    "Nộp vào tài khoản số 3949.0.1054.{number} mở tại Kho bạc Nhà nước tỉnh",
    "Hãy mặt đối mặt với khó khăn, mất mát",
    "Bổ sung mặt hàng, mất mùa, mắt bão và mạt cưa trong báo cáo {n}",
    "TOI MATCH va MATERIAL list {n}",
    "Format data {number}",
    "Ông Nguyễn Văn Thử, Chủ tịch UBND xã, chủ trì cuộc họp ngày {day}",
    "Bà Trần Thị Mẫu - Giám đốc {unit} phát biểu",
    "Thư mật thiết mời dự lễ; mật danh; mật lệnh",
    "Giới thiệu sách: Điệp viên mật và những bức mật thư",
    "Danh mục bí mật nhà nước độ Tối mật thuộc lĩnh vực y tế do Thủ tướng ban hành",
    "Đề tài: Mật mía, mật hoa dừa",
    "Đấu giá quyền sử dụng đất, tiền đặt trước 12.000.000 đồng/thửa, tài khoản ví 5.000.000 đồng",
    "Khu vực Đá Mật, thôn Suối Mật",
    "Chi cục Thuế nhắc không chia sẻ mã OTP, mật khẩu; số tài khoản cho người lạ",
    "Bảng A, B, C của giải bóng đá {unit}",
)
_TABLES = (
    ("STT", "Tên thủ tục", "Thời hạn", "Phí"), ("STT", "Số ký hiệu", "Ngày ban hành", "Trích yếu", "Độ mật"),
    ("STT", "Họ và tên", "Chức vụ", "Điện thoại"), ("Nội dung", "Đơn vị", "Mật độ (người/km2)"),
)  # fmt: skip


def _table(rng: random.Random) -> list[list[str]]:
    heads = list(rng.choice(_TABLES))
    cells: dict[str, Callable[[], str]] = {
        "Họ và tên": lambda: rng.choice(NAMES[:4]), "Chức vụ": lambda: rng.choice(("Chủ tịch", "Phó Giám đốc")),
        "Điện thoại": lambda: f"0262 38{rng.randint(10, 99)} {rng.randint(100, 999)}", "Độ mật": lambda: "Thường",
        "Số ký hiệu": lambda: f"{rng.randint(1, 999)}/QĐ-UBND", "Ngày ban hành": lambda: filled(rng, "{day}"),
        "Mật độ (người/km2)": lambda: str(rng.randint(50, 900)), "Phí": lambda: "Không",
    }  # fmt: skip
    rows = [
        [str(k + 1) if head == "STT" else cells.get(head, lambda: filled(rng, "{task}"))() for head in heads]
        for k in range(rng.randint(3, 8))
    ]
    return [heads, *rows]


def decoys(seed: int, n: int = 400) -> list[Sample]:
    """`n` harmless texts, each with a trap; the same seed gives the same texts."""
    rng = random.Random(seed)
    traps = fair(rng, [*_TRAPS, *["a table"] * 6])
    return [_decoy(rng, next(traps)) for _ in range(n)]


def _decoy(rng: random.Random, trap: str) -> Sample:
    if trap == "a table":
        rows = _table(rng)
        table = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        lines = "\n".join(cell for row in rows for cell in row)
        return sample(rng, f"table of {rows[0]}", f"<table>{table}</table>", lines, outcome=None)
    text = filled(rng, trap)
    title = text if rng.random() < 0.3 else ""
    if rng.random() < 0.3:
        text = text.upper() if rng.random() < 0.5 else unicodedata.normalize("NFD", text)
    block = rng.choice(WRAPPINGS).format(html.escape(text, quote=False))
    return sample(rng, f"{text!r} in {block[:30]}", block, text, outcome=None, title=title)
