"""The documents as tests read them: pages, their tables and their code blocks."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "adr").glob("*.md"))
#: pages whose settings a reader copies
SHOWING_SETTINGS = [ROOT / "README.md", DOCS / "huong-dan.md", *sorted((DOCS / "howto").glob("*.md"))]


def relative(page: Path) -> str:
    """How a page is called in a test's name."""
    return page.relative_to(ROOT).as_posix()


def text(page: Path) -> str:
    """The page."""
    return page.read_text(encoding="utf-8")


def rows(page: Path, heading: str = "") -> Iterator[list[str]]:
    """Cells of every table row of a page, or of one section of it."""
    part = re.split(rf"^## {heading}$", text(page), flags=re.M)[1].split("\n## ")[0] if heading else text(page)
    for line in part.splitlines():
        if line.startswith("| ") and not set(line) <= set("|- "):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def named(page: Path, heading: str = "") -> set[str]:
    """Names in code type in the first cells of a page's tables."""
    return {name for cells in rows(page, heading) for name in re.findall(r"`([^`]+)`", cells[0])}


def blocks(page: Path, language: str) -> list[str]:
    """Code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), flags=re.M | re.S)
