"""May this text be shown? The screens for marks of state secrets and for personal data, before anything public.

    screen.py       every text of an item and of its files -> Verdict       fingerprint.py  recognised, never revealed
    reading.py      fields of an item -> parts -> blocks of text            terms.py        what a province may add
    canonical.py    a text as it is compared: disguises taken off           verdict.py      purge or hold, which rule, where
    marks.py        rules 1 to 7 and 9: stamps, fields, numbers, notes
    personal.py     identity numbers, lists of persons, accounts

Two outcomes that are never confused: text with a mark of a state secret is purged, nothing of it is kept; all other hits
wait for a person. A verdict names rules and places, never the text that matched.
"""
