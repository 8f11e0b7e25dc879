"""The texts of the console and of the API in both languages: English is written in the code, Vietnamese in vi/*.po.

    texts = texts_in("vi")
    texts("Approve")                                    "Duyệt"
    texts.many("%(n)s item", "%(n)s items", 3)          "3 tin, bài"

In templates: `_("Approve")`, `{% trans n=count %}…{% pluralize %}…{% endtrans %}`. A label that is chosen in Python is
marked `N_("Approve")` where it is written and translated where it is shown. The catalogues are read at the start
(there is no step of compiling them); one file a part of the console, so that two people can work on two.
tests/locale checks that every text in use has its Vietnamese, and that none is there in vain.
"""

from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER: Final = Path(__file__).parent
#: The first is spoken where nothing else was asked for.
LANGUAGES: Final = ("vi", "en")


def N_(text: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return text


class Texts:
    """Texts in one language."""

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self.translations = translations

    def __call__(self, text: str, **values: object) -> str:
        """The text in this language, with `%(name)s` filled in."""
        told = self.translations.gettext(text) if text else ""
        return told % values if values else told

    def many(self, one: str, more: str, n: int, **values: object) -> str:
        """The form for n things; `%(n)s` is n."""
        return self.translations.ngettext(one, more, n) % (values | {"n": n})


@cache
def texts_in(language: str) -> Texts:
    """The texts of a language; of Vietnamese where there are none of this one."""
    if language == "en":
        return Texts("en", NullTranslations())
    return Texts("vi", _catalogue())


def _catalogue() -> GNUTranslations:
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    whole = Catalog(locale="vi")
    for part in parts():
        for message in part:
            if message.id:
                whole.add(message.id, message.string, context=message.context)
    binary = BytesIO()
    write_mo(binary, whole)
    return GNUTranslations(BytesIO(binary.getvalue()))


def parts() -> Iterator["Catalog"]:
    """The Vietnamese catalogues, one a part of the console."""
    from babel.messages.pofile import read_po

    for path in sorted((FOLDER / "vi").glob("*.po")):
        with path.open("rb") as file:
            yield read_po(file, locale="vi", abort_invalid=True)
