"""What `hub doctor` may find: a stable code, the fault in a sentence, and its cure, for the technician.

{about} is whom it concerns: a file, a source, a destination, an address; {n} a number, {more} what else is known.
The table of codes in docs/howto/operate.md follows this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Remedy:
    """One fault."""

    sentence: str
    cure: str


REMEDIES: Final[Mapping[str, Remedy]] = {
    # The settings and the machine
    "settings_wrong": Remedy(
        "Cấu hình có lỗi: {more}.",
        "Sửa dòng này rồi chạy lại lệnh hub check.",
    ),
    "python_too_old": Remedy(
        "Python {more} quá cũ; cần 3.11 trở lên.",
        "Cài Python mới rồi cài lại phần mềm.",
    ),
    "sqlite_too_old": Remedy(
        "Thư viện SQLite {more} quá cũ; cần 3.37 trở lên.",
        "Nâng cấp hệ điều hành hoặc Python.",
    ),
    "time_zone_missing": Remedy(
        "Máy không có dữ liệu múi giờ {about}.",
        "Cài lại gói tzdata trong môi trường Python.",
    ),
    "few_file_handles": Remedy(
        "Tiến trình chỉ được mở {n} tệp cùng lúc; cần ít nhất 1024.",
        "Đặt LimitNOFILE=65536 trong hub.service.",
    ),
    "folder_missing": Remedy(
        "Không có thư mục {about}.",
        "Tạo thư mục, giao cho tài khoản hub; nếu bị mất, hãy phục hồi từ bản sao lưu.",
    ),
    "folder_not_writable": Remedy(
        "Tài khoản đang chạy không ghi được vào thư mục {about}.",
        "Giao thư mục cho tài khoản hub (chown), hoặc chạy lệnh này bằng tài khoản đó.",
    ),
    "disk_full": Remedy(
        "Đĩa của {about} chỉ còn {n} MB; dưới 200 MB hệ thống ngừng thu tin.",
        "Giải phóng dung lượng, hoặc rút ngắn keep_captures.",
    ),
    "inodes_low": Remedy(
        "Đĩa của {about} chỉ còn chỗ cho {n} tệp mới.",
        "Xoá bớt tệp nhỏ trên đĩa này, hoặc dùng đĩa khác.",
    ),
    "file_readable_by_others": Remedy(
        "Mọi tài khoản trên máy đều đọc được tệp {about} (quyền {more}).",
        "Chạy chmod o= cho tệp này; nếu là mã bí mật thì nên cấp mã mới.",
    ),
    "settings_writable_by_others": Remedy(
        "Mọi tài khoản trên máy đều sửa được tệp {about} (quyền {more}).",
        "Chạy chmod o-w cho tệp này và xem lại nội dung.",
    ),
    # The database
    "no_database": Remedy(
        "Chưa có cơ sở dữ liệu {about}.",
        "Chạy hub run một lần để tạo; nếu trước đây đã có, hãy phục hồi từ bản sao lưu.",
    ),
    "database_away": Remedy(
        "Cơ sở dữ liệu không trả lời ({more}).",
        "Kiểm tra máy chủ cơ sở dữ liệu, đường mạng, tài khoản và mật khẩu trong database.url.",
    ),
    "database_locked": Remedy(
        "Một chương trình khác đang khoá tệp {about}.",
        "Tìm và dừng chương trình đang mở tệp này (fuser), ví dụ công cụ xem SQLite hoặc lệnh chép tệp.",
    ),
    "database_damaged": Remedy(
        "Tệp dữ liệu {about} bị hỏng ({more}).",
        "Dừng hub, cất tệp hỏng sang nơi khác rồi phục hồi bằng lệnh hub restore; kiểm tra đĩa.",
    ),
    "database_newer": Remedy(
        "Cơ sở dữ liệu thuộc phiên bản phần mềm mới hơn ({more}).",
        "Cài lại đúng phiên bản mới đó, hoặc phục hồi bản sao trước khi nâng cấp.",
    ),
    "database_older": Remedy(
        "Cơ sở dữ liệu chưa được nâng cấp theo phần mềm.",
        "Khởi động hub một lần; việc nâng cấp tự chạy.",
    ),
    "journal_mode": Remedy(
        "Tệp dữ liệu {about} ở chế độ ghi {more}, không phải wal.",
        "Đặt tệp trên đĩa của chính máy này (không phải ổ mạng) rồi khởi động lại hub.",
    ),
    "clock_differs": Remedy(
        "Đồng hồ máy này lệch {n} giây so với máy chủ cơ sở dữ liệu.",
        "Bật đồng bộ giờ (NTP) trên cả hai máy.",
    ),
    "put_back": Remedy(
        "Cơ sở dữ liệu cũ hơn lần chạy trước: đã được chép hoặc khôi phục.",
        "Khởi động hub rồi đối soát từng nơi nhận bằng lệnh hub reconcile.",
    ),
    "schedule_stands_still": Remedy(
        "Đã {n} phút không tiến trình nào giữ lịch làm việc.",
        "Khởi động hub (systemctl start hub). Xem nhật ký bằng lệnh journalctl -u hub.",
    ),
    "chain_broken": Remedy(
        "Nhật ký sự kiện bị sửa hoặc mất từ mục {n} ({more}).",
        "Giữ nguyên hiện trạng, báo ngay người phụ trách và đối chiếu với bản sao lưu.",
    ),
    "events_unsealed": Remedy(
        "Có sự kiện chờ vào chuỗi nhật ký đã {n} phút.",
        "Khởi động lại hub. Xem nhật ký bằng lệnh journalctl -u hub.",
    ),
    "search_behind": Remedy(
        "{n} nội dung công khai chưa có trong chỉ mục tìm kiếm.",
        "Chạy hub search --reindex.",
    ),
    # The work
    "restored_waiting": Remedy(
        "Nơi nhận {about} chờ đối soát sau khi khôi phục dữ liệu; chưa gửi gì.",
        "Chạy hub reconcile {about}, hoặc hub resume destination {about} sau khi đã kiểm tra.",
    ),
    "destination_blocked": Remedy(
        "Nơi nhận {about} từ chối hệ thống: {more}",
        "Sửa mã truy cập hoặc địa chỉ, khởi động lại rồi chạy hub resume destination {about}.",
    ),
    "destination_paused": Remedy(
        "Nơi nhận {about} đang tạm dừng.",
        "Nếu không còn lý do, chạy hub resume destination {about}.",
    ),
    "destination_failing": Remedy(
        "Nơi nhận {about} đang lỗi: {more}",
        "Kiểm tra nơi nhận; hệ thống tự gửi tiếp khi nơi đó hoạt động lại.",
    ),
    "access_ends": Remedy(
        "Quyền truy cập nơi nhận {about} hết hạn sau {n} ngày.",
        "Đề nghị quản trị viên trang cấp lại quyền và đặt mã mới vào tệp bí mật.",
    ),
    "deliveries_late": Remedy(
        "{n} nội dung gửi tới {about} chậm quá 15 phút.",
        "Xem hub status; kiểm tra nơi nhận và tiến trình có vai trò deliver.",
    ),
    "deliveries_parked": Remedy(
        "{n} nội dung gửi tới {about} bị tạm gác.",
        "Xem lý do bằng hub dead, khắc phục rồi chạy hub free.",
    ),
    "sources_all_failing": Remedy(
        "Cả {n} nguồn tin đang thu đều gặp lỗi.",
        "Kiểm tra mạng, DNS, tường lửa và proxy của máy này trước.",
    ),
    "source_blocked": Remedy(
        "Nguồn {about} từ chối hệ thống: {more}",
        "Đề nghị đơn vị mở lại hoặc cho địa chỉ mới, rồi chạy hub resume source {about}.",
    ),
    "source_never_answered": Remedy(
        "Nguồn {about} chưa lần nào trả lời được: {more}",
        "Kiểm tra địa chỉ bằng hub preview {about}.",
    ),
    "source_rejects_all": Remedy(
        "Lượt thu mới nhất của nguồn {about} không đọc được mục nào.",
        "Xem hub preview {about} và sửa cách đọc nguồn.",
    ),
    "captures_waiting": Remedy(
        "{n} lượt thu chờ xử lý quá 15 phút.",
        "Kiểm tra tiến trình có vai trò normalise. Xem nhật ký bằng lệnh journalctl -u hub.",
    ),
    "captures_dead": Remedy(
        "{n} lượt thu không xử lý được vì lỗi phần mềm.",
        "Báo nhà cung cấp kèm nhật ký; sau khi sửa, chạy hub replay.",
    ),
    "run_held": Remedy(
        "Lượt thu số {n} của nguồn {about} bị giữ quá một ngày.",
        "Xem hub status, rồi cho chạy tiếp hoặc bỏ lượt thu này.",
    ),
    "alarms_unseen": Remedy(
        "{n} báo động bí mật nhà nước chưa có người xem.",
        "Báo người trực mở trang Kiểm tra hoặc chạy hub alarms list.",
    ),
    "mails_unknown": Remedy(
        "{n} thư không rõ đã gửi được hay chưa.",
        "Hỏi người nhận rồi gửi lại hoặc bỏ: hub mails list.",
    ),
    # Secrets and people
    "secret_key_missing": Remedy(
        "Dữ liệu có nội dung mã hoá nhưng chưa đặt [hub] secret_key.",
        "Đặt lại đúng khoá cũ từ nơi cất giữ.",
    ),
    "secret_key_wrong": Remedy(
        "[hub] secret_key không mở được dữ liệu đã mã hoá ({about}).",
        "Đặt lại đúng khoá cũ; khi đổi khoá, để khoá mới trước khoá cũ, cách nhau dấu phẩy.",
    ),
    "second_factor_impossible": Remedy(
        "Có vai trò bắt buộc xác thực hai lớp nhưng chưa đặt [hub] secret_key.",
        "Tạo một khoá ít nhất 32 ký tự và đặt vào tệp bí mật.",
    ),
    "no_administrator": Remedy(
        "Không có tài khoản quản trị nào đang hoạt động.",
        "Thêm bằng lệnh hub user add.",
    ),
    "no_second_factor": Remedy(
        "Tài khoản {about} phải dùng xác thực hai lớp nhưng chưa thiết lập.",
        "Nhắc người đó đăng nhập và thiết lập; nếu không còn làm việc, kết thúc tài khoản.",
    ),
    # What lies around
    "open_without_https": Remedy(
        "Hub nhận kết nối từ ngoài máy ({about}) nhưng địa chỉ công khai không phải https.",
        "Đặt hub sau proxy có HTTPS và khai web.base_url bắt đầu bằng https://.",
    ),
    "line_in_the_open": Remedy(
        "Đường nối theo {about} tới máy khác không được mã hoá, hoặc không kiểm tra máy chủ ở đầu bên kia.",
        "PostgreSQL: thêm ?sslmode=verify-full&sslrootcert=TỆP_CA vào database.url. RabbitMQ: dùng địa chỉ amqps://.",
    ),
    "broker_away": Remedy(
        "Không kết nối được RabbitMQ ({about}).",
        "Khởi động RabbitMQ và kiểm tra đường mạng; công việc không mất.",
    ),
    "broker_refused": Remedy(
        "RabbitMQ từ chối tài khoản trong broker.url ({about}).",
        "Sửa tài khoản, mật khẩu hoặc quyền trên vhost.",
    ),
    "broker_queues": Remedy(
        "RabbitMQ có hàng đợi khác tham số: {more}",
        "Xoá hàng đợi đó (chỉ chứa mã số) hoặc cấp vhost riêng cho hub.",
    ),
    "mail_away": Remedy(
        "Không kết nối được máy chủ thư {about} ({more}).",
        "Kiểm tra mail.host, mail.port và tường lửa.",
    ),
    "mail_tls": Remedy(
        "Máy chủ thư {about} không nhận kết nối mã hoá ({more}).",
        "Kiểm tra mail.tls, mail.port và chứng thư của máy chủ thư.",
    ),
    "files_lost": Remedy(
        "{n} tệp đính kèm đã lưu bị mất hoặc hỏng, ví dụ {about}.",
        "Phục hồi thư mục tệp từ bản sao lưu.",
    ),
    "files_away": Remedy(
        "Kho tệp đính kèm không đọc được ({more}).",
        "Kiểm tra đĩa, quyền thư mục hoặc kết nối tới kho.",
    ),
    "backup_missing": Remedy(
        "Không có bản sao lưu nào trong {about}.",
        "Chạy hub backup vào thư mục này mỗi đêm.",
    ),
    "backup_old": Remedy(
        "Bản sao lưu mới nhất trong {about} đã {n} giờ.",
        "Kiểm tra tác vụ sao lưu hằng đêm.",
    ),
    "backup_broken": Remedy(
        "Bản sao lưu {about} không dùng được: {more}",
        "Chạy lại hub backup và kiểm tra đĩa.",
    ),
    "not_examined": Remedy(
        "Không kiểm tra được phần {about} ({more}).",
        "Khắc phục các lỗi khác rồi chạy lại lệnh này.",
    ),
}
