"""hub.rules.reconciliation: both sides of a key, and what is wrong between them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Difference
from hub.rules.reconciliation import DifferenceKind, Judgement, Ours, Reason, Theirs, judge

KEY = "1.004194.000.00.00.H52"
NOTHING: Sequence[Difference] = ()
FEE = (Difference(field="ways", ours="20.000 đồng", theirs="10.000 đồng"),)


def ours(content_id: str = "a", **changes: object) -> Ours:
    values = {"revision": 1, "member": "H52.12", "title": "Cấp giấy phép", "digest": "d1", "live": True}
    return Ours(content_id=content_id, **(values | changes))  # type: ignore[arg-type]


def theirs(**changes: object) -> Theirs:
    return Theirs(**({"title": "Cấp giấy phép", "digest": "t1"} | changes))  # type: ignore[arg-type]


def compare(mine: Sequence[Ours], there: Theirs | None, fields: Sequence[Difference] = NOTHING) -> Judgement:
    return judge(KEY, mine, there, lambda one: fields)


def verdict(judgement: Judgement) -> list[tuple[DifferenceKind, Reason]]:
    return [(one.kind, one.reason) for one in judgement.findings]


def test_what_says_the_same_on_both_sides_agrees() -> None:
    judgement = compare([ours()], theirs())
    assert judgement.findings == ()
    assert judgement.agreed == ours()


@pytest.mark.parametrize(
    ("mine", "there", "fields", "kind", "reason"),
    [
        ([ours()], None, NOTHING, DifferenceKind.MISSING, Reason.NOT_SENT),
        ([ours(sent_revision=1)], None, NOTHING, DifferenceKind.MISSING, Reason.LOST),
        ([ours()], theirs(), FEE, DifferenceKind.OUTDATED, Reason.CHANGED_HERE),
        ([ours(sent_revision=1)], theirs(agreed_digest="t0", agreed_revision=1), FEE, DifferenceKind.OUTDATED,
         Reason.CHANGED_THERE),
        ([ours(revision=2, sent_revision=1)], theirs(agreed_digest="t0", agreed_revision=1), FEE,
         DifferenceKind.CONFLICT, Reason.BOTH_CHANGED),
        ([ours(revision=2, sent_revision=2)], theirs(agreed_digest="t0", agreed_revision=1), FEE,
         DifferenceKind.OUTDATED, Reason.CHANGED_HERE),
        ([ours()], theirs(withdrawn=True), NOTHING, DifferenceKind.CONFLICT, Reason.WITHDRAWN_THERE),
        ([], theirs(), NOTHING, DifferenceKind.ORPHAN, Reason.UNKNOWN_HERE),
        ([ours(live=False)], theirs(), NOTHING, DifferenceKind.ORPHAN, Reason.WITHDRAWN_HERE),
        ([ours()], theirs(), (Difference(field="agency", ours="H52", theirs="H01", conflict=True),),
         DifferenceKind.CONFLICT, Reason.OTHER_OWNER),
    ],
)  # fmt: skip
def test_every_disagreement_has_a_kind_and_a_reason(
    mine: Sequence[Ours], there: Theirs | None, fields: Sequence[Difference], kind: DifferenceKind, reason: Reason
) -> None:
    assert verdict(compare(mine, there, fields)) == [(kind, reason)]


@pytest.mark.parametrize("there", [None, theirs(withdrawn=True)])
@pytest.mark.parametrize("mine", [[], [ours(live=False)]])
def test_what_neither_side_publishes_is_no_difference(mine: Sequence[Ours], there: Theirs | None) -> None:
    assert compare(mine, there).findings == ()


def test_two_members_that_claim_one_key_are_a_conflict_that_names_both() -> None:
    rivals = [ours("a"), ours("b", member="H52.9")]
    [clash] = compare(rivals, theirs()).findings
    assert (clash.kind, clash.reason, clash.claimants) == (DifferenceKind.CONFLICT, Reason.TWO_OWNERS, ("a", "b"))


def test_one_member_that_publishes_a_key_twice_is_told_so() -> None:
    [clash] = compare([ours("a"), ours("b")], None).findings
    assert clash.reason is Reason.TWO_ITEMS


def test_the_one_that_was_admitted_is_compared_while_others_claim_its_key() -> None:
    rivals = [ours("a"), ours("b", member="H52.9", has_key=True)]
    judgement = compare(rivals, theirs(), FEE)
    assert verdict(judgement) == [
        (DifferenceKind.CONFLICT, Reason.TWO_OWNERS), (DifferenceKind.OUTDATED, Reason.CHANGED_HERE),
    ]  # fmt: skip
    assert judgement.findings[1].content_id == "b"


def test_a_withdrawn_claimant_claims_nothing() -> None:
    assert compare([ours("a"), ours("b", member="H52.9", live=False)], theirs()).findings == ()


def test_a_decision_holds_until_a_side_changes() -> None:
    def digest(mine: Ours, there: Theirs) -> str:
        return compare([mine], there, FEE).findings[0].digest

    first = digest(ours(), theirs())
    assert digest(ours(revision=7), theirs(title="Tên khác")) == first, "only what readers see counts"
    assert digest(ours(digest="d2"), theirs()) != first
    assert digest(ours(), theirs(digest="t2")) != first


sides = st.builds(
    ours, st.sampled_from("abc"), member=st.sampled_from(["H52.1", "H52.2"]), live=st.booleans(),
    revision=st.integers(1, 3), sent_revision=st.integers(0, 3), has_key=st.booleans(),
)  # fmt: skip
records = st.none() | st.builds(
    theirs, withdrawn=st.booleans(), agreed_digest=st.sampled_from(["", "t0", "t1"]), agreed_revision=st.integers(0, 3)
)


@given(st.lists(sides, max_size=3, unique_by=lambda one: one.content_id), records, st.sampled_from([NOTHING, FEE]))
def test_every_key_is_agreed_about_or_told_and_never_both(
    mine: list[Ours], there: Theirs | None, fields: Sequence[Difference]
) -> None:
    judgement = compare(mine, there, fields)
    plain = [one for one in judgement.findings if not one.claimants]
    published = any(one.live for one in mine)
    shown = there is not None and not there.withdrawn
    assert len(plain) <= 1
    assert not (plain and judgement.agreed)
    if published != shown:
        assert judgement.findings
    assert all(one.kind is not DifferenceKind.ORPHAN or not published for one in judgement.findings)
