"""What a browser is called, read off what it says of itself: enough for its owner to recognise it."""

import re
from typing import Final

#: In this order: Edge says that it is Chrome too, and Chrome that it is Safari.
_BROWSERS: Final = (
    ("Edg", "Edge"), ("CocCoc|coc_coc", "Cốc Cốc"), ("Zalo", "Zalo"), ("OPR", "Opera"), ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_name(agent: str) -> str:
    """`Chrome, Windows`; what the agent begins with where it is none that we know."""
    known = [next((name for mark, name in names if re.search(mark, agent)), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, known)) or re.split(r"[\s/]", agent)[0][:40] or "?"
