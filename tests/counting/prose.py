"""Made-up articles of an office: sentences of one form with places, days and numbers of their own."""

import random

PLACES = (
    "Hòa Phú", "Thúy Sơn", "Khỏe An", "Đông Thạnh", "Lũng Vân", "Bình Trị", "Ngọc Lặc", "Quỳ Hợp", "Thủy Xuân",
    "Ea Súp", "Tân Quý", "Vĩnh Thụy", "Yên Khê", "Sơn Thọ", "Phước Hậu", "Lộc Ninh", "Trà Bồng", "Cẩm Lệ",
)  # fmt: skip
FORMS = (
    "Sáng ngày {day}/{month}/2026, đoàn công tác của tỉnh đến kiểm tra {work} tại xã {place}",
    "Đến nay đã có {number} hộ dân ở thôn {place} tham gia {work}, đạt {part} phần trăm kế hoạch",
    "Ủy ban nhân dân xã {place} giao cho tổ số {part} theo dõi {work} và báo cáo trước ngày {day}/{month}",
    "Kinh phí {number} triệu đồng dành cho {work} được lấy từ ngân sách của xã {place}",
    "Bà con thôn {place} vui mừng khi {work} hoàn thành sớm {part} ngày so với dự kiến",
    "Lãnh đạo xã {place} đề nghị các đoàn thể tuyên truyền để {number} hộ còn lại hiểu về {work}",
)
WORKS = (
    "cấp nước sạch cho vùng cao", "tiêm chủng mở rộng cho trẻ nhỏ", "giải phóng mặt bằng tuyến đường liên xã",
    "chuyển đổi số ở bộ phận một cửa", "phòng cháy rừng mùa khô", "hòa giải ở cơ sở", "khuyến nông vụ xuân",
    "nạo vét kênh mương nội đồng", "hỗ trợ nhà ở cho hộ nghèo", "đào tạo nghề cho thanh niên",
)  # fmt: skip


def article(rng: random.Random, sentences: int) -> str:
    """So many sentences; another number makes another article of the same forms."""
    return " ".join(
        rng.choice(FORMS).format(
            day=rng.randrange(1, 28), month=rng.randrange(1, 12), work=rng.choice(WORKS), place=rng.choice(PLACES),
            number=rng.randrange(20, 900), part=rng.randrange(2, 99),
        ) + "."
        for _ in range(sentences)
    )  # fmt: skip
