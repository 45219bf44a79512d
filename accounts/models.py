"""People who sign in, and the record of what was done."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.append_only import AppendOnly


class SynergiRole(models.TextChoices):
    """What a member of the Synergi team may do; empty for everybody else."""

    NONE = "", _("Not a member of the Synergi team")
    CASEWORKER = "caseworker", _("Caseworker")
    PUBLISHER = "publisher", _("Publisher")
    ADMINISTRATOR = "administrator", _("Administrator")


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, name: str, synergi_role: str = "") -> "User":
        """Creates a person without a password: people prove who they are by mailed code or passkey."""
        user = self.model(email=email.strip().lower(), name=name, synergi_role=synergi_role)
        user.set_unusable_password()
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person, known by an e-mail address."""

    email = models.EmailField(_("email address"), max_length=254, unique=True)
    name = models.CharField(_("full name"), max_length=200)
    synergi_role = models.CharField(max_length=20, choices=SynergiRole, blank=True, default=SynergiRole.NONE)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    # Name and address are gone since then; the row stays, so that history keeps its shape.
    erased_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_address_in_lower_case"),
            models.CheckConstraint(
                condition=models.Q(synergi_role__in=SynergiRole.values), name="user_synergi_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(is_active=False, synergi_role=""),
                name="user_erased_can_do_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def is_synergi(self) -> bool:
        """A member of the Synergi team, who may see the staff pages."""
        return bool(self.synergi_role)


class AuditEvent(AppendOnly):
    """One thing that somebody did; rows are added and never changed."""

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="audit_events")
    action = models.CharField(max_length=60)
    about_kind = models.CharField(max_length=60, blank=True)
    about_id = models.BigIntegerField(null=True)
    # What was so before and after, where something was changed: ids and short codes, never free text.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["about_kind", "about_id"], name="audit_about")]


class CodePurpose(models.TextChoices):
    SIGN_IN = "sign_in", _("Sign in")
    PROOF = "proof", _("Prove afresh who you are")
    ADDRESS = "address", _("Confirm a new e-mail address")


class MailedCode(models.Model):
    """A code that was mailed. Only hashes are kept; it is good for one browser, for a short time, once."""

    purpose = models.CharField(max_length=20, choices=CodePurpose)
    # Empty when nobody has the address that was typed: the same work is done, and no code fits.
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="mailed_codes")
    # The browser that asked, known by a secret in its session.
    holder_hash = models.CharField(max_length=64)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    # A newer code voids the older one.
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "holder_hash"],
                condition=models.Q(used_at=None, voided_at=None),
                name="one_open_code_for_a_browser",
            ),
            models.CheckConstraint(condition=models.Q(purpose__in=CodePurpose.values), name="code_purpose_known"),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(voided_at=None), name="code_used_or_voided"
            ),
        ]


class AddressChange(models.Model):
    """Somebody asked for another e-mail address. It counts once a code that was mailed to it is typed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(new_email=Lower("new_email")), name="address_change_in_lower_case"
            ),
        ]


class KeptRequest(models.Model):
    """What somebody sent after the session had ended: it waits for the sign-in, then it is sent again."""

    # The browser that sent it, known by a secret in its session.
    holder_hash = models.CharField(max_length=64, unique=True)
    # Who wrote it, as far as the page said; nobody else gets it back.
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=2000)
    # URL-encoded, without the CSRF token. Files are not kept.
    body = models.TextField()
    created_at = models.DateTimeField(db_index=True)


class RateCount(models.Model):
    """How often something was tried within a stretch of time. Counted by conditional updates, so nothing races."""

    scope = models.CharField(max_length=40)
    # Of whom: a hash of an address, an account, a network address.
    key_hash = models.CharField(max_length=64)
    began_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key_hash", "began_at"], name="one_rate_count_for_a_stretch"),
        ]
