"""The set-up of an authenticator app: its secret as text, as a link and as a QR code."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings

from cognito.user_pool.otpauth import otpauth_uri


@dataclass(frozen=True, slots=True)
class AppSetUp:
    """A secret that the pool created, for an authenticator app.

    Attributes:
        account: the label in the app, such as an e-mail address.
        secret: base32.
    """

    account: str
    secret: str = field(repr=False)

    @property
    def secret_in_fours(self) -> list[str]:
        """The secret in groups of four characters, for typing."""
        return [self.secret[start : start + 4] for start in range(0, len(self.secret), 4)]

    @property
    def otpauth_uri(self) -> str:
        """The link for an app on the same device. The app shows SITE_NAME beside the account."""
        name = settings.SITE_NAME
        return otpauth_uri(issuer=name, account=self.account, secret=self.secret)

    @property
    def qr_code(self) -> str:
        """An SVG image as a `data:` URL for an `img` element, which runs no scripts.

        Black on white on any page, with the quiet zone that scanners need.
        """
        import segno  # noqa: PLC0415 # 50 ms of cold start, which few requests need

        code = segno.make_qr(self.otpauth_uri, error="m")
        return str(code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff", xmldecl=False))
