"""Charts: whole SVG, told to whoever cannot see it, and nothing that the console's content security policy refuses."""

import re

from lxml import etree

from hub.reports import charts
from hub.reports.charts import Bar
from tests.reports.paper import number, snapshot, son_la

SVG = "{http://www.w3.org/2000/svg}"


def test_months_have_bars_in_proportion_and_a_description_with_all_numbers() -> None:
    made = charts.months(son_la())
    assert made is not None
    drawn = etree.fromstring(made.svg)
    heights = [float(bar.get("height")) for bar in drawn.iter(f"{SVG}rect") if bar.get("class") == "bar"][:6]
    assert [round(each / heights[4] * 238) for each in heights] == [181, 142, 223, 215, 238, 221]
    assert "03/2026: 223 (kỳ trước 188)" in (drawn.findtext(f"{SVG}desc") or "")
    assert drawn.get("role") == "img"


def test_members_are_those_with_the_most() -> None:
    made = charts.members(son_la())
    assert made is not None
    names = [text.text for text in etree.fromstring(made.svg).iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    assert names[:2] == ["Huyện Quỳnh Nhai", "Sở Nội vụ"]
    assert len(names) == charts.MEMBERS


def test_there_is_no_chart_of_nothing() -> None:
    assert charts.months(snapshot()) is None
    assert charts.months(son_la(months=(number("2026-01", "Tháng 1", 5),))) is None
    assert charts.members(snapshot()) is None


def test_a_name_cannot_leave_its_place_and_nothing_needs_a_style() -> None:
    made = charts.lines([Bar('</text><script>x</script>" \x00', 3), Bar("Sở A", 0)], "<b>")
    drawn = etree.fromstring(made.svg)
    assert not list(drawn.iter(f"{SVG}script"))
    assert not re.search(r"style|<script|href|on\w+=", made.svg)
