"""Passwords: what may be one, and how one is kept (argon2id) and compared.

A password has 12 to 128 characters of any kind; nothing demands capitals or signs, nothing makes people change it
without cause (ASVS 5.0, 6.2). Refused are those that a guesser tries first: the login, the own name, and whatever
consists of common words, digits and repetitions alone (common_words.txt).

Comparing costs the same for a login that there is not: `verified` hashes in any case.
"""

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from connectors.errors import HubError
from connectors.parse.text import fold

SHORTEST, LONGEST = 12, 128
#: Some 70 ms and 32 MiB for each guess; above OWASP's least, and two at once fit beside everything else.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
#: Of nobody's password: what a login is compared with that there is not.
NOBODYS: Final = "$argon2id$v=19$m=32768,t=2,p=1$tdcAiiDRmsoILxgyv75K5A$YIk7px2YGNnnG+oMj9PHYdS0E2JIIhSjFp52bW40+04"
#: Hashing runs beside the event loop, two at once: a storm of logins takes 64 MiB and one queue.
_THREADS: Final = ThreadPoolExecutor(2, thread_name_prefix="argon2")
#: Characters that are left when common words and digits are taken away: fewer are nothing to guess.
_LEAST_OWN: Final = 5
_LEAST_DIFFERENT: Final = 5
#: Runs along these, of four letters and more, are words that everybody knows.
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_START_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


class WeakPasswordError(HubError):
    """This password is among the first that a guesser tries, or too short."""

    code = "weak_password"


def demand_strong(password: str, *, login: str, name: str = "") -> None:
    """Raises WeakPasswordError for what may not be a password of this person."""
    password = _one_form(password)
    if len(password) < SHORTEST:
        raise WeakPasswordError(
            "the password is too short",
            sentence=f"Mật khẩu phải có ít nhất {SHORTEST} ký tự. Một câu ngắn dễ nhớ là lựa chọn tốt.",
        )
    if len(password) > LONGEST:
        raise WeakPasswordError(
            "the password is too long", sentence=f"Mật khẩu chỉ được dài tối đa {LONGEST} ký tự. Hãy rút ngắn lại."
        )
    folded = _plain(password)
    own = {_plain(login), *(_plain(word) for word in login.split("@")), _plain(name)} - {""}
    if len(set(password.casefold())) < _LEAST_DIFFERENT or _is_made_of(folded, own | _common_words()):
        raise WeakPasswordError(
            "the password is easily guessed",
            sentence="Mật khẩu này dễ đoán: chỉ gồm từ thông dụng, tên đăng nhập, chữ số hoặc ký tự lặp lại. Hãy chọn"
            " một câu chỉ mình anh/chị nghĩ ra.",
        )


async def hashed(password: str) -> str:
    """The form in which a password is kept."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, _one_form(password))


async def verified(password_hash: str, password: str) -> bool:
    """Whether this is the password. An empty hash is nobody's, and takes as long."""
    right = await asyncio.get_running_loop().run_in_executor(
        _THREADS, _compare, password_hash or NOBODYS, _one_form(password[: 4 * LONGEST])
    )
    return right and bool(password_hash)


def needs_rehash(password_hash: str) -> bool:
    """Whether it was hashed with other costs than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


def start_password() -> str:
    """A password for the first login: four groups of letters that are not mistaken for each other, some 79 bits."""
    return "-".join("".join(secrets.choice(_START_LETTERS) for _ in range(4)) for _ in range(4))


def _compare(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def _one_form(password: str) -> str:
    """Vietnamese keyboards write one letter as one character or as several."""
    return unicodedata.normalize("NFC", password)


def _plain(text: str) -> str:
    """Without marks, case and signs."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _is_made_of(text: str, words: Iterable[str]) -> bool:
    """Whether nothing of a text is left but a few letters when these words and the digits are taken away."""
    if not text:
        return False  # other scripts and signs only: nothing that a list of words could tell
    left = text
    for word in sorted((w for w in words if len(w) > 2), key=len, reverse=True):
        left = left.replace(word, " ")
    left = re.sub(r"[\d ]+", "", left)
    return len(left) < _LEAST_OWN


@cache
def _common_words() -> frozenset[str]:
    lines = Path(__file__).with_name("common_words.txt").read_text("utf-8").splitlines()
    runs = {row[at : at + n] for row in _ROWS for n in range(4, len(row) + 1) for at in range(len(row) - n + 1)}
    return frozenset(line for line in lines if line and not line.startswith("#")) | runs
