"""Is a source that answers well quiet for longer than it ever is? Judged by its own rhythm, not by one for all.

usual pause   nine in ten of its pauses between days with something new were not longer
quiet         nothing new for three times that, and never for less than two days
no rhythm     too few days to tell: quiet after thirty
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

#: Days with something new that make a rhythm.
DAYS_OF_A_RHYTHM = 6
#: Times the usual pause, and days at least; days for a source without a rhythm.
TIMES, LEAST, UNKNOWN = 3, 2, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A source that is quiet for too long."""

    since: date  #: the last day with something new
    days: int  #: from then until today
    usual: int | None  #: days of its usual pause; None where it has no rhythm yet

    @property
    def sentence(self) -> str:
        """For a clerk: what is seen, what is usual, what to do."""
        habit = "chưa đủ dữ liệu về nhịp đăng tin của nguồn này"
        if self.usual is not None:
            habit = f"trước đây chậm nhất khoảng {self.usual} ngày lại có tin mới"
        return (
            f"Không có tin mới từ ngày {self.since:%d/%m/%Y} ({self.days} ngày); {habit}. Trang nguồn vẫn trả lời bình"
            " thường. Đề nghị hỏi đơn vị xem có ngừng đăng, đổi chuyên mục hoặc đổi địa chỉ đăng tin không."
        )


def quiet(*, today: date, days: Sequence[date]) -> Quiet | None:
    """Judge a source by the days on which it brought something new; None while its silence is an ordinary one.

    A source that never brought anything is not quiet: it is new, or it has a fault of its own.
    """
    seen = sorted(set(days))
    if not seen:
        return None
    silence = (today - seen[-1]).days
    usual = None
    if len(seen) >= DAYS_OF_A_RHYTHM:
        pauses = sorted((after - before).days for before, after in pairwise(seen))
        usual = pauses[min(len(pauses) - 1, len(pauses) * 9 // 10)]
    limit = UNKNOWN if usual is None else max(LEAST, TIMES * usual)
    return Quiet(since=seen[-1], days=silence, usual=usual) if silence > limit else None
