"""What roles and strengths are called on the pages."""

from typing import Final

from hub.locale import N_
from hub.rules.access import Role
from hub.rules.signing_in import Strength

ROLES: Final = {
    Role.VIEWER: N_("Viewer"), Role.CONTRIBUTOR: N_("Contributor"), Role.EDITOR: N_("Editor"),
    Role.CHIEF_EDITOR: N_("Chief editor"), Role.TECHNICIAN: N_("Technician"),
    Role.DUTY_OFFICER: N_("Duty officer"), Role.ADMINISTRATOR: N_("Administrator"),
}  # fmt: skip
#: What each may do, in a line.
MAY: Final = {
    Role.VIEWER: N_("reads everything in the console"),
    Role.CONTRIBUTOR: N_("writes contributions and sends them for approval"),
    Role.EDITOR: N_("edits, approves, returns and rejects"),
    Role.CHIEF_EDITOR: N_("as an editor; also withdraws, decides about posts, reads the audit log"),
    Role.TECHNICIAN: N_("looks after sources and destinations, sees the settings"),
    Role.DUTY_OFFICER: N_("decides what the screens hold, recalls, is told of secrecy alarms"),
    Role.ADMINISTRATOR: N_("makes and ends accounts, reads the audit log; decides about no text"),
}
STRENGTHS: Final = {
    Strength.PASSWORD: N_("password"), Strength.TOTP: N_("password and code"),
    Strength.RECOVERY: N_("password and recovery code"), Strength.SINGLE_SIGN_ON: N_("single sign-on"),
    Strength.STRONG_SIGN_ON: N_("single sign-on with a second factor"),
}  # fmt: skip
