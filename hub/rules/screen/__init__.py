"""May this text be shown? The screens for marks of state secrets and for personal data, before anything public.

    screen.py       every text of an item and of its files -> Verdict
    reading.py      item, files, fields of the record -> parts
    canonical.py    a text as it is compared: blocks, disguises taken off
    marks.py        stamps, fields, numbers with a suffix, notes on handling
    personal.py     identity numbers, lists of persons, accounts
    terms.py        the words and lists; what a province adds           patterns.py     expressions made of them
    verdict.py      purge or hold, which rule, where                    fingerprint.py  recognised, never revealed

Two outcomes that are never confused: text with a mark of a state secret is purged, nothing of it is kept; all other
hits wait for a person. A verdict names rules and places, never the text that matched.
"""
