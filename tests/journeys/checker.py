"""Compares what sites served with what portals showed, and both with the hub's own account. Pure.

    site ledger ─┐
                 ├─> check ─> Findings (all zero, or the hub broke a promise)
    portal ledger┤
    hub state ───┘

tests/journeys/test_checker.py shows that each kind of finding can be found.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from hub.store.unit import event_hash
from tests.journeys.findings import Effect, Findings, HubState, Ledgers
from tests.journeys.newsroom import said, version_of

#: destinations of the campaign; the hub may have others (its own `events`), which are judged by their rows only
PORTALS = ("portal", "old-portal")
#: events that end a delivery
SETTLED = ("delivered", "withdrawn_at", "nothing_to_withdraw")


def check(ledgers: Ledgers, hub: HubState, *, waived: frozenset[str] = frozenset()) -> Findings:
    """Everything that is not as promised. `waived` are destinations whose server was away to the end."""
    findings = Findings()
    for portal in PORTALS:
        effects = [effect for effect in ledgers.effects if effect.portal == portal]
        _portal_agrees(findings, portal, ledgers, effects)
        _order_is_kept(findings, portal, ledgers, effects)
        _effects_are_recorded(findings, portal, effects, hub.events)
    _rows_have_ended(findings, ledgers, hub, waived)
    _settled_once(findings, hub.events)
    _export_agrees(findings, ledgers, hub.editions)
    _chain_holds(findings, hub.events)
    return findings


def _portal_agrees(findings: Findings, portal: str, ledgers: Ledgers, effects: Sequence[Effect]) -> None:
    """What a visitor sees at the end is what the sites say at the end."""
    held = {effect.content_id: effect for effect in effects}
    shown: dict[str, list[Effect]] = defaultdict(list)
    for effect in held.values():
        if effect.action == "put":
            shown[effect.url].append(effect)
    for url, copies in shown.items():
        if len(copies) > 1:
            findings.add("doubled", f"{portal}: {url} as {', '.join(copy.content_id for copy in copies)}")
    for url, article in ledgers.articles.items():
        copies = shown.get(url, [])
        if article.gone and url in ledgers.named_gone:
            if copies:
                findings.add("withdrawn but shown", f"{portal}: {url}")
        elif not article.gone and url in ledgers.served:
            if article.version not in ledgers.served[url]:
                findings.add("lost", f"{portal}: {url} version {article.version} was never asked for")
            elif not any(copy.article == article.version for copy in copies):
                there = [copy.article for copy in copies]
                findings.add("lost", f"{portal}: {url} version {article.version}, there is {there}")


def _order_is_kept(findings: Findings, portal: str, ledgers: Ledgers, effects: Sequence[Effect]) -> None:
    """The sequence that a visitor saw never went back."""
    newest: dict[str, int] = {}
    newest_article: dict[str, int] = {}
    withdrawn: set[str] = set()
    seen: set[tuple[str, int]] = set()
    for effect in effects:
        key = (effect.content_id, effect.version)
        if key in seen:
            findings.add("doubled", f"{portal}: revision {effect.version} of {effect.content_id} took effect twice")
        seen.add(key)
        if effect.version < newest.get(effect.content_id, 0):
            findings.add("older over newer", f"{portal}: revision {effect.version} of {effect.content_id}")
        newest[effect.content_id] = max(effect.version, newest.get(effect.content_id, 0))
        if effect.action == "delete":
            withdrawn.add(effect.content_id)
            continue
        if effect.content_id in withdrawn:
            findings.add("shown again", f"{portal}: {effect.url}")
        if effect.article < newest_article.get(effect.url, 0):
            findings.add("older over newer", f"{portal}: version {effect.article} of {effect.url}")
        newest_article[effect.url] = max(effect.article, newest_article.get(effect.url, 0))
        if effect.url not in ledgers.articles:
            findings.add("invented", f"{portal}: {effect.url}")


def _effects_are_recorded(
    findings: Findings, portal: str, effects: Sequence[Effect], events: Sequence[Mapping[str, Any]]
) -> None:
    """The hub's account names every state that a portal was left in."""
    told = {
        (event["content_id"], event["revision"])
        for event in events
        if event["destination"] == portal and event["what"] in ("delivered", "withdrawn_at")
    }
    for effect in {effect.content_id: effect for effect in effects}.values():
        if (effect.content_id, effect.version) not in told:
            findings.add("effects unrecorded", f"{portal}: {effect.action} {effect.content_id} {effect.version}")


def _settled_once(findings: Findings, events: Sequence[Mapping[str, Any]]) -> None:
    """A worker that lost its lease writes nothing, so one revision reaches one place in the account once."""
    settled: set[tuple[str, int, str]] = set()
    for event in events:
        if event["what"] not in SETTLED:
            continue
        key = (event["content_id"], event["revision"], event["destination"])
        if key in settled:
            findings.add("settled twice", f"revision {key[1]} of {key[0]} at {key[2]}, event {event['id']}")
        settled.add(key)


def _rows_have_ended(findings: Findings, ledgers: Ledgers, hub: HubState, waived: frozenset[str]) -> None:
    for capture in hub.captures:
        name = f"capture {capture['id']} of {capture['source']} is {capture['state']}"
        if capture["state"] in ("new", "working", "held"):
            findings.add("captures open", name)
        elif capture["state"] != "done" and capture["sha256"] not in ledgers.garbage:
            findings.add("captures refused", name)
        if capture["lease_until"] is not None:
            findings.add("leases left", name)
    for rejection in hub.rejections:
        if rejection["sha256"] not in ledgers.garbage:
            findings.add("records refused", f"capture {rejection['capture']}: {rejection['code']}")
    for delivery in hub.deliveries:
        if delivery["destination"] in waived:
            continue
        name = f"{delivery['content_id']} at {delivery['destination']} is {delivery['state']}"
        if delivery["state"] != "done" or delivery["wanted_revision"] > delivery["sent_revision"]:
            findings.add("deliveries open", f"{name} ({delivery['error_code']})")
        if delivery["lease_until"] is not None:
            findings.add("leases left", name)
    for article in hub.articles:
        name = f"the page of {article['content_id']} is {article['state']}"
        if article["state"] == "wanted":
            findings.add("pages open", name)
        if article["lease_until"] is not None:
            findings.add("leases left", name)
    for source in hub.sources:
        if source["lease_until"] is not None or source["state"] != "active":
            findings.add("leases left", f"source {source['name']} is {source['state']}")


def _export_agrees(findings: Findings, ledgers: Ledgers, editions: Sequence[Mapping[str, Any]]) -> None:
    """The exported editions are the sites' versions: numbered without a gap, none invented, the last one last."""
    by_id: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for edition in editions:
        by_id[edition["content_id"]].append(edition)
    owners: dict[str, set[str]] = defaultdict(set)
    guids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for content_id, own in by_id.items():
        urls = {edition["url"] for edition in own}
        if len(urls) > 1:
            findings.add("two ids", f"{content_id} is {', '.join(sorted(urls))}")
        for edition in own:
            owners[edition["url"]].add(content_id)
            guids[edition["source"], edition["guid"]].add(content_id)
        if [edition["revision"] for edition in own] != list(range(1, len(own) + 1)):
            findings.add("export differs", f"{content_id} has revisions {[e['revision'] for e in own]}")
        _editions_were_served(findings, ledgers, own)
    for name, ids in [*owners.items(), *guids.items()]:
        if len(ids) > 1:
            findings.add("two ids", f"{name} is {', '.join(sorted(ids))}")
    for url, article in ledgers.articles.items():
        if url not in ledgers.served or (article.gone and url not in ledgers.named_gone):
            continue
        own = [edition for content_id in owners.get(url, ()) for edition in by_id[content_id]]
        if article.gone:
            agrees = not own or own[-1]["content"] is None
        else:
            agrees = bool(own) and own[-1]["content"] is not None and _version(own[-1]) == article.version
        if not agrees:
            findings.add("export differs", f"{url}: version {article.version}, gone: {article.gone}")
        elif article.teaser and not article.gone and said(article.version) not in own[-1]["content"]["content_html"]:
            findings.add("pages behind", f"{url}: version {article.version}")


def _editions_were_served(findings: Findings, ledgers: Ledgers, editions: Sequence[Mapping[str, Any]]) -> None:
    versions = [_version(edition) for edition in editions if edition["content"]]
    if versions != sorted(set(versions)):
        findings.add("export differs", f"{editions[0]['url']} was stored as versions {versions}")
    for edition in editions:
        article = ledgers.articles.get(edition["url"])
        if article is None or (edition["content"] and not 1 <= _version(edition) <= article.version):
            findings.add("invented", f"edition {edition['revision']} of {edition['url']}")
        elif edition["content"] is None and not article.gone:
            findings.add("invented", f"a withdrawal of {edition['url']}")


def _version(edition: Mapping[str, Any]) -> int:
    return version_of(edition["content"]["tags"])


def _chain_holds(findings: Findings, events: Sequence[Mapping[str, Any]]) -> None:
    previous = ""
    for place, event in enumerate(events, 1):
        if event["sequence"] is None:
            findings.add("chain broken", f"event {event['id']} is not sealed")
            continue
        hashes = (event["previous_hash"], event["hash"])
        if event["sequence"] != place or hashes != (previous, event_hash(previous, event)):
            findings.add("chain broken", f"event {event['id']}, number {event['sequence']} where {place} is due")
        previous = event["hash"]
