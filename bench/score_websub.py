"""WebSub samples of a corpus: where feeds name their hubs, which signatures are right, which questions are answered.

PYTHONPATH=. python bench/score_websub.py --corpus CORPUS
"""

import argparse
import base64
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.errors import RejectedError
from connectors.parse.feeds.reader import read_feed
from connectors.parse.url import web_url
from connectors.websub import is_signed, read_intent
from hub.rules.subscription import Asked, Verdict, judge

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BASE = "https://a.example.gov.vn/rss"


def check(corpus: Path) -> list[tuple[str, bool, str]]:
    """Each sample, whether it came out as expected, and what came out."""
    folder = corpus / "protocols" / "websub"
    samples = {part: json.loads((folder / f"{part}.json").read_text("utf-8")) for part in PARTS}
    return [
        (f"{part} {number}", *PARTS[part](sample, corpus))
        for part in PARTS
        for number, sample in enumerate(samples[part], 1)
    ]


def _feed(sample: Mapping[str, Any], corpus: Path) -> tuple[bool, str]:
    """The first hub and topic that are web addresses at all."""
    try:
        split = read_feed((corpus / sample["file"]).read_bytes(), url=BASE, now=NOW).split
    except RejectedError as refused:
        return False, refused.code
    hub, topic = (next((one for one in map(web_url, sample[key]) if one), "") for key in ("hub", "self"))
    return (split.hub, split.topic) == (hub, topic), f"hub {split.hub or '-'}, topic {split.topic or '-'}"


def _distribution(sample: Mapping[str, Any], corpus: Path) -> tuple[bool, str]:
    body, header = base64.b64decode(sample["body_base64"]), sample["header"].get("X-Hub-Signature", "")
    taken = is_signed(sample["secret"], body, header)
    return taken == sample["accept"], f"{sample['case']}: {'taken' if taken else 'ignored'}"


def _intent(sample: Mapping[str, Any], corpus: Path) -> tuple[bool, str]:
    status, echo = _answer(sample["query"], sample["pending"])
    wanted = sample["status"].replace("xx", "")
    right = any(str(status).startswith(one.strip()) for one in wanted.split(" or "))
    # "echoed only as text/plain" is how the callback answers whatever it echoes.
    body = sample["body"] in (None, "echoed only as text/plain") or sample["body"] == echo
    return right and body, f"{status} {echo}".strip()


def _answer(query: Mapping[str, str], pending: list[str]) -> tuple[int, str]:
    """Status and body, as hub/web/websub.py answers for a callback whose topic is the pending one."""
    intent = read_intent(query)
    if intent is None:
        return 400, ""
    asked = Asked(mode="subscribe" if pending else "", topic=pending[0] if pending else "", at=NOW)
    verdict = judge(intent, asked, NOW)
    return (404, "") if verdict is Verdict.STRANGE else (200, intent.challenge)


PARTS = {"feeds-with-hub": _feed, "content-distribution": _distribution, "intent-verification": _intent}


def _lines(checked: list[tuple[str, bool, str]]) -> Iterator[str]:
    yield from (f"missed  {sample}: {note}" for sample, right, note in checked if not right)
    yield f"websub: {sum(right for _, right, _ in checked)} of {len(checked)} samples as expected"


def main() -> int:
    """Print what was missed; 1 if anything was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    folder = parser.parse_args().corpus
    if not (folder / "protocols" / "websub").is_dir():
        print(f"No WebSub samples in {folder}: nothing measured.")
        return 0
    checked = check(folder)
    print(*_lines(checked), sep="\n")
    return 0 if all(right for _, right, _ in checked) else 1


if __name__ == "__main__":
    sys.exit(main())
