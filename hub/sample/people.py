"""People of the sample's office: an account for each task, all with one password that is made up at the start."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hub.commands.accounts import add_account
from hub.engine import Engine
from hub.rules.access import Role
from hub.sample.settings import kept_secret

#: login, role, what the person is called
PEOPLE: Final[Sequence[tuple[str, Role, str]]] = (
    ("truong-ban", Role.CHIEF_EDITOR, "Trần Thị Trưởng Ban"),
    ("bien-tap", Role.EDITOR, "Nguyễn Văn Biên Tập"),
    ("cong-tac-vien", Role.CONTRIBUTOR, "Lê Thị Cộng Tác"),
    ("ky-thuat", Role.TECHNICIAN, "Phạm Văn Kỹ Thuật"),
    ("truc-ban", Role.DUTY_OFFICER, "Hoàng Thị Trực Ban"),
    ("quan-tri", Role.ADMINISTRATOR, "Vũ Văn Quản Trị"),
)
PASSWORD_FILE: Final = "console-password"


async def settle(engine: Engine, folder: Path) -> str:
    """Make the accounts that are not there yet; returns what to type at the login."""
    from hub.access.passwords import hashed

    password = kept_secret(folder / PASSWORD_FILE)
    there = {row["login"] for row in await engine.store.fetch("SELECT login FROM account")}
    for login, role, name in PEOPLE:
        if login not in there:
            await add_account(
                engine, login=login, name=name, role=role, password_hash=await hashed(password), who="hub sample"
            )
    return f"{', '.join(login for login, _, _ in PEOPLE)} / {password}"
