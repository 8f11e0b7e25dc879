"""What is kept. The rows are the truth; the message queue only carries their ids.

    member 1─n source 1─n capture 1─n rejection
                  │           └─ told by ─┐
                  └─ 1─n item 1─n edition ┘      item 1─n item_key (every name the source gave it)
                            └─ 1─n delivery n─1 destination,   delivery 1─n attempt
    article: an item's own page, fetched and watched      file: its attachments      walk: a backfill of a source
    reconciliation: a run that compares a destination with what the hub holds      holding: a record seen there
    difference: where the two do not agree, and what was decided      task: what an officer is asked to do by hand
    memory: what a destination has to remember      announcement: one line of a decision that announces procedures
    subscription: a hub that pushes a source's feed to us      push: a signed request of a member, taken once
    digest_run 1─n mail: what became public in a time, and who is told of it
    code_version 1─n code_entry: lists that the board edits, each load kept       1─n code_rejection: rows refused
    account 1─n account_grant, session, device, recovery_code: people, what they may do, their browsers, and what
    stands in for a lost telephone      login_delay: who guesses waits
    draft 1─n draft_photo: contributions      planned: approvals for a later hour      proposal: decisions that take two
    alarm: a marked text that came, without the text      recognised: by what it is known again      recall
    consumer 1─n consumer_use: programs with a key      submission: what a member sent by the API
    repeatable: a request that is answered alike twice      item_number: how documents and procedures are asked for
    tally: every item as it counts      outage: when a source could not be read
    report 1─n report_item: frozen numbers, and the items that they count
    reminder: who was urged      visit: how often was read      counter: the last reading of one that runs on
    event: who did what, when, why; appended in the transaction of what it tells

States are short words in text columns; their closed lists stand in hub/store/states.py. JSON is text: whatever is
filtered on has a column of its own. Rows that workers claim carry due_at, attempts, lease_until and lease_token.

Comments here are `#`, not `#:`: Tortoise reads the latter as column descriptions and gives them to the wrong column.
Defaults are the database's (`db_default`), so that plain SQL and an older release may leave a column out. Tables stand
by what they are for: collecting.py, publishing.py, delivering.py, mailing.py, codes.py, people.py,
screening.py, editing.py, api.py, reporting.py.
"""

MODULES = tuple(
    f"{__name__}.{part}"
    for part in (
        *("collecting", "publishing", "delivering", "mailing", "codes", "people", "screening", "editing", "api"),
        "reporting",
    )
)
