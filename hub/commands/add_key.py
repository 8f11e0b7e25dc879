"""Give a program a key of the API; it is shown to whoever asks for it, this once."""

import re
from collections.abc import Sequence

from connectors.errors import HubError
from hub.engine import Engine
from hub.rules.access import Grant, Role
from hub.store import consumers, roster

#: What a key may be granted. Accounts and what the screens hold are for people, who prove each time who they are.
KEY_ROLES = (Role.VIEWER, Role.EDITOR, Role.CHIEF_EDITOR, Role.TECHNICIAN)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


class KeyRefusedError(HubError):
    """This key cannot be made or ended."""

    code = "key_refused"


async def add_key(
    engine: Engine, name: str, *, roles: Sequence[Role] = (), scope: str = "", member: str = "", per_minute: int = 0,
    who: str,
) -> str:  # fmt: skip
    """Make a key. Returns it: nothing else knows it. Raises KeyRefusedError.

    `roles` hold in the whole province, or from the member `scope` downwards; `member` is whose items it may send;
    `per_minute` 0 means the number of the settings.
    """
    if not _NAME.fullmatch(name):
        raise KeyRefusedError(
            f"{name[:40]} is no name of a key",
            sentence="Tên khoá gồm 1 đến 64 ký tự: chữ thường không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới; bắt"
            " đầu và kết thúc bằng chữ hoặc số.",
        )  # fmt: skip
    if not set(roles) <= set(KEY_ROLES):
        raise KeyRefusedError(
            "a key cannot have this role",
            sentence="Khoá chỉ được giao các vai trò: viewer, editor, chief_editor, technician. Quản trị tài khoản và"
            " trực kiểm tra chỉ dành cho người đăng nhập.",
        )  # fmt: skip
    if not 0 <= per_minute <= 1_000_000:
        raise KeyRefusedError(
            "a quota between 0 and 1000000", sentence="Số yêu cầu mỗi phút phải từ 0 đến 1 000 000."
        )  # fmt: skip
    known = await roster.parents(engine.store)
    if unknown := next((code for code in (scope, member) if code and code not in known), ""):
        raise KeyRefusedError(
            f"no member {unknown[:60]}", sentence=f"Không có đơn vị mã {unknown[:60]} trong danh sách thành viên."
        )  # fmt: skip
    async with engine.store.unit() as unit:
        key = await consumers.add(
            unit, name=name, grants=[Grant(role, scope) for role in dict.fromkeys(roles)], member=member,
            per_minute=per_minute, by=who,
        )  # fmt: skip
    if key is None:
        raise KeyRefusedError(
            f"{name} is taken", sentence=f"Tên khoá «{name}» đã dùng, kể cả khi khoá đã thu hồi. Hãy đặt tên khác."
        )  # fmt: skip
    return key
