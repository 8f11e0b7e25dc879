"""Connectors are found by name, and a plug-in that does not import stops nobody else."""

from importlib.metadata import EntryPoint

import pytest

from connectors.errors import ConfigError
from connectors.registry import GROUP, Registry, destination_connector, installed, known, source_connector

THIRD_PARTY = "tests.connectors.plugins"


def plugin(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_our_own_connectors_are_found_by_their_modules_name() -> None:
    module = destination_connector("portal")
    assert module.Connector("portal", module.Config.model_validate({"base_url": "http://portal.vn/"})).repeatable
    assert {"portal", "webhook"} <= set(known().destinations)
    assert installed() is installed()


@pytest.mark.parametrize("find", [source_connector, destination_connector])
def test_an_unknown_name_is_an_error_that_lists_the_known_ones(find: object) -> None:
    with pytest.raises(ConfigError) as caught:
        find("portall")  # type: ignore[operator]
    assert caught.value.code == "unknown_connector"
    assert "portall" in caught.value.sentence
    if find is destination_connector:
        assert ", portal, " in str(caught.value)


@pytest.mark.parametrize("name", ["../http", "portal.Config", "", "__init__", "os"])
def test_a_name_is_never_a_path_to_other_code(name: str) -> None:
    with pytest.raises(ConfigError, match="no destination connector"):
        destination_connector(name)


def test_a_third_party_connector_is_used_like_ours() -> None:
    registry = Registry([plugin("destination.zalo_oa", THIRD_PARTY)])
    assert registry.destination("zalo_oa").Connector.__name__ == "Connector"
    assert "zalo_oa" in registry.known().destinations
    with pytest.raises(ConfigError):
        registry.source("zalo_oa")


def test_broken_plugins_are_reported_by_name_and_the_rest_works() -> None:
    registry = Registry(
        [
            plugin("source.gone", "no_such_package_anywhere"),
            plugin("source.empty", "tests.fakes.names"),
            plugin("destination.halfway", "tests.connectors.plugins:halfway"),
            plugin("destination.portal", THIRD_PARTY),
            plugin("strange", THIRD_PARTY),
            plugin("source.bad-name", THIRD_PARTY),
            plugin("source.fine", THIRD_PARTY),
        ]
    )
    found = registry.known()
    assert "fine" in found.sources
    assert "ModuleNotFoundError" in found.broken["source.gone"]
    assert "no Config" in found.broken["source.empty"]
    assert "no class Connector" in found.broken["destination.halfway"]
    assert "taken" in found.broken["destination.portal"]
    assert set(found.broken) == {
        "source.gone", "source.empty", "destination.halfway", "destination.portal", "strange", "source.bad-name",
    }  # fmt: skip
    assert registry.destination("portal").__name__ == "connectors.destinations.portal"  # type: ignore[attr-defined]


def test_a_broken_plugin_named_in_the_settings_says_what_is_wrong() -> None:
    registry = Registry([plugin("source.gone", "no_such_package_anywhere")])
    with pytest.raises(ConfigError) as caught:
        registry.source("gone")
    assert caught.value.code == "broken_connector"
    assert "gone" in caught.value.sentence
