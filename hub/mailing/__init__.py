"""Digests by mail: what became public, as one letter to each reader.

    compose.py   the public list of a time ──> a letter: subject, plain text, HTML
    making.py    a digest that is due ──> its row with the letter, and a row for each reader
    message.py   a letter and a reader ──> the bytes that go out, the same at every retry

Sending is hub/stages/mail.py; rows are hub/store/mailing.py.
"""
