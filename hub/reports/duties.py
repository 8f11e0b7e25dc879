"""The duties in force: the tables [[duty]] of the settings, with categories that there are."""

from collections.abc import Iterator
from difflib import get_close_matches

from hub.rules.categories import Categories
from hub.rules.duties import Duty
from hub.settings import ConfigErrors, Settings, SettingsFault


def duties(settings: Settings, categories: Categories) -> tuple[Duty, ...]:
    """What members owe, as the settings have it. Raises ConfigErrors when a key names a category that is none.

    The list of categories is a file of its own, so this cannot be found while the settings are read.
    """
    faults = sorted(_unknown(settings, categories))
    if faults:
        raise ConfigErrors(faults)
    return tuple(
        Duty(
            name=one.name, category=one.category, members=frozenset(one.members), kinds=frozenset(map(str, one.kinds)),
            every=one.every, at_least=one.at_least, within=one.within, rule=one.rule, rule_url=one.rule_url,
            since=one.since, until=one.until, confirmed=one.confirmed,
        )
        for one in settings.duties
    )  # fmt: skip


def _unknown(settings: Settings, categories: Categories) -> Iterator[SettingsFault]:
    """Every key whose category nobody knows."""
    main, files = settings.provenance.file.name, settings.provenance.files
    named = [
        *((main, f"duty.{one.name}.category", one.category) for one in settings.duties),
        *((files.get(s.name) or main, f"source.{s.name}.category", s.category) for s in settings.sources if s.category),
        *((main, f"reports.points.{code}", code) for code in settings.reports.points),
    ]
    codes = [each.code for each in categories.listed]
    for where, key, code in named:
        if code not in categories.by_code:
            near = get_close_matches(code, codes, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            allowed = f"the code of a category; {hint}there are: {', '.join(codes)}"
            yield SettingsFault(where, 0, key, f'"{code}"', allowed)
