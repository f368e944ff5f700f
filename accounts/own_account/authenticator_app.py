"""What an authenticator app is shown, so that it makes codes for an account."""

from __future__ import annotations

from dataclasses import dataclass, field

from cognito.user_pool.otpauth import otpauth_uri

# What the app shows beside the account.
ISSUER = "Gatehouse"


@dataclass(frozen=True, slots=True)
class AppSetUp:
    """A secret of the pool's, in three forms: to type in, to open in an app, and to scan.

    Attributes:
        account: what the app shows it for, such as an e-mail address.
        secret: in base32.
    """

    account: str
    secret: str = field(repr=False)

    @property
    def secret_in_fours(self) -> list[str]:
        """For people who type it in."""
        return [self.secret[start : start + 4] for start in range(0, len(self.secret), 4)]

    @property
    def otpauth_uri(self) -> str:
        """For an app on the same device."""
        return otpauth_uri(issuer=ISSUER, account=self.account, secret=self.secret)

    @property
    def qr_code(self) -> str:
        """An SVG image as a `data:` address, which an `img` shows and nothing runs.

        Black on white whatever the page behind it, with the quiet zone that scanners need.
        """
        import segno  # noqa: PLC0415 # 50 ms of cold start, for what few requests need

        code = segno.make_qr(self.otpauth_uri, error="m")
        return str(code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff", xmldecl=False))
