"""How staff sign in: nobody signs up; passwords, a second factor, or the bank's OpenID provider."""

import base64
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recoup.apps.people.actions import tell_sign_in
from recoup.apps.people.models import Staff
from recoup.site.clock import now

#: Where allauth keeps in the session how and when the person has shown who it is.
AUTHENTICATED = "account_authentication_methods"
#: What allauth would say and everybody knows.
UNSAID = frozenset({"account/messages/logged_in.txt", "account/messages/logged_out.txt"})


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the administrator, never by who signs in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell that nobody may sign up."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave the counting of wrong passwords to axes, which does it in the database."""

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Tell whether a change of the sign-in asks for the password once more.

        Not right after signing in; nor of who has no password here and signs in at the bank.
        """
        request = context.request
        records = request.session.get(AUTHENTICATED) or [{"at": 0}]
        if time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(self.get_reauthentication_methods(request.user))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *words: Any,
        **more: Any,
    ) -> None:
        """Say what the page itself does not show."""
        if message_template not in UNSAID:
            super().add_message(request, level, message_template, *words, **more)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The bank's OpenID provider signs in members of staff whom the administrator has made."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Tell that an unknown account of the provider makes no member of staff."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join an account of the provider to the member of staff it names, the first time."""
        if sociallogin.is_existing:
            return
        app = sociallogin.provider.app
        data = sociallogin.account.extra_data
        said = {**data, **data.get("id_token", {}), **data.get("userinfo", {})}
        named = str(said.get(app.settings.get("claim", "preferred_username"), "")).strip()
        if not named:
            return
        active = Staff.objects.filter(is_active=True)
        found = active.filter(username__iexact=named) or active.filter(staff_number=named)
        if len(found) == 1:
            sociallogin.connect(request, found[0])


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are kept encrypted, by a key made from the desk's secret key."""

    def encrypt(self, text: str) -> str:
        """Yield the secret as it is kept."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Yield the secret again."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"recoup second factor")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))


class AnotherPassword:
    """A new password is another one than the one it replaces."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        """Pass if the password is new. Errors: ValidationError."""
        if user is not None and user.pk and user.has_usable_password():
            if Staff.objects.get(pk=user.pk).check_password(password):
                raise ValidationError(
                    _("Choose another password than the one you have now."), code="same_password"
                )

    def get_help_text(self) -> str:
        """Yield the rule as it stands beside the field."""
        return _("It must be another one than the password you have now.")


def put_sign_in_on_record() -> None:
    """Tell the trail who signed in or out, and changed the password or the second factor."""

    def record(verb: str) -> Any:
        def listener(*, user: Any = None, **_: object) -> None:
            if user is not None and user.pk is not None:
                tell_sign_in(staff_id=user.pk, verb=verb, at=now())

        return listener

    for signal, verb in (
        (user_logged_in, "sign_in"),
        (user_logged_out, "sign_out"),
        (password_changed, "change_password"),
        (authenticator_added, "add_second_factor"),
        (authenticator_removed, "remove_second_factor"),
    ):
        signal.connect(record(verb), weak=False, dispatch_uid=f"recoup-{verb}")
