"""The reference page of the settings is made from their declarations, and says so when it is stale."""

from pathlib import Path

from connectors.registry import destination_connector, known, source_connector
from hub.settings.describe import allowed, fields_of, slot_of
from hub.settings.digests import DigestSettings
from hub.settings.duties import DutySettings
from hub.settings.entries import DestinationSettings, MemberSettings, RouteSettings, SourceSettings, When, Window
from hub.settings.reference import PAGE, page
from hub.settings.sections import Sections

ROOT = Path(__file__).parents[2]


def test_the_page_is_fresh() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page(), "stale: run `python -m hub.settings.reference`"


def test_every_key_of_ours_says_what_it_means_and_what_it_allows() -> None:
    sections = [field.annotation for field in Sections.model_fields.values()]
    for model in (
        *sections,
        MemberSettings,
        SourceSettings,
        DestinationSettings,
        RouteSettings,
        When,
        Window,
        DigestSettings,
        DutySettings,
    ):
        for key, field in fields_of(model).items():
            assert field.description, f"{model.__name__}.{key} has no description"
            assert allowed(slot_of(field)), f"{model.__name__}.{key} does not say what it allows"


def test_every_key_of_a_connector_has_a_meaning_on_the_page() -> None:
    models = [source_connector(name).Config for name in known().sources]
    models += [destination_connector(name).Config for name in known().destinations]
    text = page()
    for model in models:
        for key in fields_of(model):
            assert f"| `{key}` |" in text
            assert f"| `{key}` |  |" not in text, f"{model.__module__}.Config.{key} needs a `#:` remark behind it"


def test_the_default_file_shows_only_keys_that_exist_and_has_no_fault() -> None:
    from hub.settings import load_settings

    settings = load_settings(ROOT / "settings.toml")
    assert settings.sources
    assert settings.destinations
    assert not any(each.enabled for each in (*settings.sources, *settings.destinations))
