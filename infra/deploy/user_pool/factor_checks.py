"""Check the factors of a user pool for combinations that Cognito refuses, or that lock users out.

https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow-things-to-know.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# Parameter -> the value that needs a tier above Lite.
_ABOVE_LITE = {"Login": "managed", "Passkeys": "true", "EmailCodes": "true", "EmailMfa": "true"}
# Parameters that add a choice to the password, if they are true.
_CHOICES = ("Passkeys", "EmailCodes")

Values = Mapping[str, str | int | list[str]]


def factor_problems(values: Values) -> Iterator[str]:
    """Yield a sentence for each problem.

    The value `auto` never has one: conditions of infra/cognito.yaml follow the other parameters.
    """
    if values["Tier"] == "LITE":
        for name, value in _ABOVE_LITE.items():
            if values[name] == value:
                yield f"{name} = {value}: the tier Lite does not have it; set another value or Tier"
    elif values["Login"] == "classic":
        for name in _CHOICES:
            if values[name] == "true":
                yield f"{name} = true: the classic pages do not offer it; set Login to managed"
    if values["EmailCodes"] == "true" and values["Mfa"] == "ON":
        yield (
            "EmailCodes = true: where Mfa is ON, users cannot sign in with a code by e-mail alone; "
            "set EmailCodes to false, or Mfa to OPTIONAL"
        )
    if values["EmailMfa"] == "true" and not values["EmailSourceArn"]:
        yield "EmailMfa = true: Cognito sends these codes through SES only; set EmailSourceArn"
    if values["EmailMfa"] == "true" and values["Mfa"] == "OFF":
        yield "EmailMfa has no effect while Mfa is OFF"
    yield from _passkey_problems(values)


def _passkey_problems(values: Values) -> Iterator[str]:
    count_as_mfa = values["PasskeysAsMfa"] == "true"
    if values["Passkeys"] == "true" and values["Mfa"] == "ON" and not count_as_mfa:
        yield (
            "Passkeys = true: where Mfa is ON, a passkey must count as both factors; set "
            "PasskeysAsMfa to true, or Passkeys to false"
        )
    if count_as_mfa and values["Mfa"] == "OFF":
        yield "PasskeysAsMfa has no effect while Mfa is OFF"
    if count_as_mfa and values["PasskeyVerification"] != "required":
        yield (
            "PasskeysAsMfa = true: without the user's verification, a passkey is one factor; set "
            "PasskeyVerification to required"
        )
    if values["Passkeys"] == "false" or values["Login"] == "classic":
        for name, unset in (("PasskeyDomain", ""), ("PasskeysAsMfa", "false")):
            if values[name] != unset:
                yield f"{name} has no effect without passkeys"
    yield from _domain_problems(str(values["PasskeyDomain"]), str(values["CustomDomain"]))


def _domain_problems(domain: str, host: str) -> Iterator[str]:
    if domain and not host:
        yield (
            f"PasskeyDomain: {domain}: it must be the host name of the hosted UI or a domain above "
            "it, so it needs CustomDomain"
        )
    elif domain and host != domain and not host.endswith(f".{domain}"):
        yield f"PasskeyDomain: {domain}: {host} is not a host name below it"
