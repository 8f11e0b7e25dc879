"""People: accounts with their roles, their sessions and browsers, and how long a guessed password has to wait."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField


class Account(Model):
    """Somebody who works with the hub; an account is ended, never deleted: events keep pointing at it."""

    id = fields.BigIntField(primary_key=True, generated=True)
    login = fields.CharField(max_length=100, unique=True)  # folded; what events call the person: "login"
    name = fields.CharField(max_length=200)
    email = fields.CharField(max_length=254, db_default="")
    language = fields.CharField(max_length=8, db_default="vi")
    state = fields.CharField(max_length=16)  # active, ended
    password_hash = fields.TextField(db_default="")  # argon2id; empty = signs in at the province's single sign-on only
    password_at = InstantField(null=True)  # when it was set; null = must be set at the next login
    password_until = InstantField(null=True)  # a password for the first login is worth nothing after this
    totp_secret = fields.TextField(db_default="")  # encrypted (hub/store/memory.py); empty = no second factor
    totp_pending = fields.TextField(db_default="")  # encrypted; shown as a picture, not yet proved by a code
    totp_step = fields.BigIntField(db_default=0)  # of the last code that was taken: each one works once
    subject = fields.CharField(max_length=255, db_default="", db_index=True)  # `sub` at the single sign-on
    created_at = InstantField()
    created_by = fields.CharField(max_length=200)
    seen_at = InstantField(null=True)  # last login

    class Meta:
        table = "account"


class AccountGrant(Model):
    """A role of an account, in the whole province or from one member downwards."""

    id = fields.BigIntField(primary_key=True, generated=True)
    account = fields.BigIntField()
    role = fields.CharField(max_length=32)  # hub.rules.access.Role
    member = fields.CharField(max_length=64, db_default="")  # empty = the whole province
    granted_by = fields.CharField(max_length=200)
    granted_at = InstantField()

    class Meta:
        table = "account_grant"
        unique_together = (("account", "role", "member"),)


class RecoveryCode(Model):
    """A code that stands in once for a lost telephone."""

    id = fields.BigIntField(primary_key=True, generated=True)
    account = fields.BigIntField(db_index=True)
    code_sha256 = fields.CharField(max_length=64)  # of 80 random bits: nothing to guess, so no slow hash
    used_at = InstantField(null=True)

    class Meta:
        table = "recovery_code"


class Device(Model):
    """A browser in which an account signed in well before: whoever guesses elsewhere does not delay it."""

    id = fields.BigIntField(primary_key=True, generated=True)
    token_sha256 = fields.CharField(max_length=64, unique=True)
    account = fields.BigIntField(db_index=True)
    seen_at = InstantField()

    class Meta:
        table = "device"


class Session(Model):
    """One browser of one account. The cookie's value is kept as its SHA-256 only."""

    id = fields.BigIntField(primary_key=True, generated=True)
    token_sha256 = fields.CharField(max_length=64, unique=True)
    csrf = fields.CharField(max_length=64)  # goes out in forms, comes back with every change
    account = fields.BigIntField(db_index=True)
    strength = fields.CharField(max_length=16)  # hub.rules.signing_in.Strength
    address = fields.CharField(max_length=64)  # where it was begun
    agent = fields.CharField(max_length=300, db_default="")  # browser, as it calls itself
    began_at = InstantField()
    seen_at = InstantField()
    expires_at = InstantField()

    class Meta:
        table = "session"


class LoginDelay(Model):
    """How often a login failed lately, per account and per address; whoever guesses waits longer each time.

    Logins stand here as digests: people type passwords into the wrong field, and there may be no such account.
    """

    key = fields.CharField(max_length=200, primary_key=True)  # "account:…", "known:…", "address:IP"
    failures = fields.IntField(db_default=0)
    failed_at = InstantField()
    until = InstantField()  # no guess is evaluated before

    class Meta:
        table = "login_delay"
