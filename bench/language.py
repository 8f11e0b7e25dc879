"""A made-up language: Vietnamese syllables by Zipf's law, so that the commonest stand in nearly every text.

Everything follows from the seed: no clock, no network, no text of anybody.
"""

import itertools
import random

SEED = 20_261_122

ONSETS = (
    "b", "c", "ch", "d", "đ", "g", "gi", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "qu", "r", "s", "t", "th", "tr",
    "v", "x", "",
)  # fmt: skip
RIMES = (
    "a", "ai", "am", "an", "ang", "anh", "ao", "au", "ăm", "ăn", "ăng", "âm", "ân", "âng", "ây", "em", "en", "eo", "ê",
    "ên", "ênh", "êu", "i", "iên", "iêu", "im", "in", "inh", "o", "oi", "on", "ong", "ô", "ôi", "ôn", "ông", "ơ", "ơi",
    "ơn", "u", "ui", "un", "ung", "uôn", "uông", "ư", "ưng", "ươi", "ươn", "ương",
)  # fmt: skip
TONES = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")
#: The commonest words, as in the texts of offices.
COMMON = (
    "và", "của", "các", "tỉnh", "thủ tục", "cho", "trong", "về", "được", "có", "công tác", "thực hiện", "ủy ban",
    "nhân dân", "quyết định", "theo", "với", "trên", "địa bàn", "xã", "đơn vị", "cơ quan", "ngày", "năm",
)  # fmt: skip


class Language:
    """Words with how often they are used."""

    def __init__(self) -> None:
        rng = random.Random(SEED)
        syllables = [onset + rime[0] + tone + rime[1:] for onset, rime, tone in itertools.product(ONSETS, RIMES, TONES)]
        rng.shuffle(syllables)
        singles = syllables[:2_500]
        doubles = [f"{rng.choice(singles)} {rng.choice(singles)}" for _ in range(20_000)]
        self.words = [*COMMON, *doubles[:300], *singles, *doubles[300:]]
        weights = itertools.accumulate(1 / (rank + 3) for rank in range(len(self.words)))
        self.weights = list(weights)

    def text(self, rng: random.Random, words: int) -> str:
        return " ".join(rng.choices(self.words, cum_weights=self.weights, k=words))
