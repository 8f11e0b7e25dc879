"""What may be a password, and how one is compared."""

import unicodedata

import pytest

from hub.access.passwords import (
    NOBODYS,
    WeakPasswordError,
    demand_strong,
    hashed,
    needs_rehash,
    start_password,
    verified,
)


@pytest.mark.parametrize(
    "password",
    [
        "ngắn quá",
        "x" * 129,
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "Matkhau@123456",
        "mật khẩu 123456",
        "Qwertyuiop1234",
        "abcdefghijklmn",
        "admin@123456789",
        "nguyen.an.2026!",
        "nguyen.an nguyen.an",
        "Nguyễn Văn An 1",
    ],
)
def test_what_a_guesser_tries_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError) as refused:
        demand_strong(password, login="nguyen.an", name="Nguyễn Văn An")
    assert refused.value.sentence.startswith("Mật khẩu")


@pytest.mark.parametrize(
    "password",
    [
        "con mèo ngồi trên mái ngói",
        "x7Kq-wP2m-9sRt",
        "パスワードは秘密です十二文字",
        "bốn chữ cái ngẫu nhiên",
        "đ" * 8 + "ưởng",
    ],
)
def test_a_sentence_of_ones_own_is_taken(password: str) -> None:
    demand_strong(password, login="nguyen.an", name="Nguyễn Văn An")


async def test_a_password_opens_and_another_does_not() -> None:
    kept = await hashed("con mèo ngồi trên mái ngói")
    assert kept.startswith("$argon2id$")
    assert await verified(kept, unicodedata.normalize("NFD", "con mèo ngồi trên mái ngói"))
    assert not await verified(kept, "con mèo ngồi trên mái ngói ")
    assert not await verified("", "con mèo ngồi trên mái ngói")
    assert not await verified("no hash at all", "con mèo")


def test_nobodys_hash_costs_what_all_cost() -> None:
    assert not needs_rehash(NOBODYS)
    assert needs_rehash("$argon2id$v=19$m=16384,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43)


def test_a_start_password_is_strong_and_another_each_time() -> None:
    made = {start_password() for _ in range(50)}
    assert len(made) == 50
    for each in made:
        demand_strong(each, login="nguyen.an")
