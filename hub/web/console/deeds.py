"""What the events of people are called on the pages; an event without a name here is shown by its own word."""

from typing import Final

from hub.locale import N_
from hub.web.console.words import EVENTS

DEEDS: Final = EVENTS | {
    "account_added": N_("Account made"), "account_ended": N_("Account ended"),
    "account_reopened": N_("Account opened again"), "account_granted": N_("Role given"),
    "account_revoked": N_("Role taken away"), "account_changed": N_("Account changed"),
    "account_linked": N_("Linked with the single sign-on"), "account_password_set": N_("Password changed"),
    "account_password_reset": N_("New password for the first login"),
    "account_code_set": N_("Second factor set up"), "account_code_removed": N_("Second factor switched off"),
    "account_code_reset": N_("Second factor taken away by an administrator"),
    "account_recovery_used": N_("Recovery code used"), "account_recovery_renewed": N_("New recovery codes"),
    "login_ok": N_("Signed in"), "login_failed": N_("Wrong login or password"), "session_ended": N_("Session ended"),
    "source_paused": N_("Source paused"), "source_active": N_("Source goes on"),
    "destination_paused": N_("Destination paused"), "destination_active": N_("Destination goes on"),
    "run_released": N_("Held run released"), "run_discarded": N_("Held run thrown away"),
    "replayed": N_("Read again"), "codes_loaded": N_("List of codes loaded"),
    "backfill_begun": N_("Walk back through history begun"), "backfill_stopped": N_("Walk back ended"),
    "source_added": N_("Source added"), "source_asked": N_("Source polled on demand"),
}  # fmt: skip
