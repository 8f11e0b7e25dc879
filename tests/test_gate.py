"""The last gate cleans each text once, and remembers of it only that cleaning left it as it was."""

from hub import gate


def test_a_text_that_was_left_alone_is_the_same_the_second_time() -> None:
    text = "<p>Nội dung một.</p>"
    assert gate._cleaned(text) == text
    before = len(gate._left_alone)
    assert gate._cleaned(text) == text
    assert len(gate._left_alone) == before


def test_what_had_to_be_cleaned_is_cleaned_each_time() -> None:
    text = "<p>Nội dung hai.</p><script>alert(1)</script>"
    before = len(gate._left_alone)
    assert gate._cleaned(text) == gate._cleaned(text) == "<p>Nội dung hai.</p>"
    assert len(gate._left_alone) == before, "a text that was not clean is never known as one that was"


def test_no_more_texts_are_remembered_than_may_be() -> None:
    for number in range(gate.REMEMBERED + 5):
        gate._cleaned(f"<p>{number}</p>")
    assert len(gate._left_alone) == gate.REMEMBERED
