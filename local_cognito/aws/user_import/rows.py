"""The columns of an import file, and a user from each line."""
# ruff: noqa: SLF001

from __future__ import annotations

import re
from collections.abc import Mapping

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record, own
from local_cognito.aws.service_errors import ServiceError
from local_cognito.aws.user_import import hashes

USERNAME, MFA_ENABLED = "cognito:username", "cognito:mfa_enabled"
# AWS does not document this name. Clients take it from GetCSVHeader.
PASSWORD_HASH = "cognito:password_hash"  # noqa: S105

# In AWS's order, which is not that of the schema.
_STANDARD = (
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username"),
    *("profile", "picture", "website", "email", "email_verified", "gender", "birthdate"),
    *("zoneinfo", "locale", "phone_number", "phone_number_verified", "address", "updated_at"),
)
_TRUE, _FALSE = {"true"}, {"false", ""}
_BIRTHDATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_VERIFIED = ("email_verified", "phone_number_verified")


class Unusable(Exception):
    """The line is not a user that can be imported. The text says why."""


class Known(Exception):
    """The pool has the user already."""


def header(pool: Record) -> list[str]:
    """Return the columns of a file for this pool."""
    custom = [
        attribute["Name"]
        for attribute in pool["SchemaAttributes"]
        if attribute["Name"].startswith("custom:")
    ]
    return [*_STANDARD, *custom, MFA_ENABLED, USERNAME, PASSWORD_HASH]


def import_row(
    context: Context, pool: Record, algorithm: str | None, row: Mapping[str, str]
) -> None:
    """Create the user of a line. Raises Unusable or Known."""
    username, password_hash = row.get(USERNAME, ""), row.get(PASSWORD_HASH, "")
    given = _attributes(row)
    # Cognito imports only users that it can reach.
    if not any(given[name] == "true" and given.get(name[:-9]) for name in _VERIFIED):
        raise Unusable(
            "The User Record does not set any of the auto verified attributes to true. "
            "(Example: email_verified to true)"
        )
    wants_second_factor = _truth(row.get(MFA_ENABLED, "")) == "true"
    if not username or (wants_second_factor and not given.get("phone_number")):
        raise Unusable("The user name or the phone number is missing")
    if password_hash:
        if algorithm is None:
            raise Unusable("The job has no algorithm for password hashes")
        try:
            hashes.require_supported(algorithm, password_hash)
        except hashes.UnsupportedHash:
            raise Unusable("The password hash is not supported") from None
    with context.lock:
        user = _create(context, pool, username, given)
        user["UserStatus"] = "RESET_REQUIRED"
        if wants_second_factor:
            user["_mfa_enabled"] = ["SMS_MFA"]
        if algorithm is not None and password_hash:
            user["UserStatus"] = "CONFIRMED"
            own(user)["password_hash"] = {
                "algorithm": algorithm,
                "hash": password_hash,
                # MiniStack compares passwords with this random one until the first sign-in.
                "instead": user["_password"],
            }


def adopt_password(user: Record, password: str) -> bool:
    """Replace the imported hash by a password that has this hash. Return whether it did.

    A hash is worth nothing once the user has another password.
    """
    imported = own(user).get("password_hash")
    if imported is None:
        return False
    if imported["instead"] != user.get("_password"):
        del own(user)["password_hash"]
        return False
    if not hashes.check(imported["algorithm"], imported["hash"], password):
        return False
    user["_password"] = password
    del own(user)["password_hash"]
    return True


def has_hash(user: Record) -> bool:
    return "password_hash" in own(user)


def _attributes(row: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a line, in the forms that users have. Raises Unusable."""
    given = {
        name: value
        for name, value in row.items()
        if value and name not in {USERNAME, MFA_ENABLED, PASSWORD_HASH}
    }
    for name in _VERIFIED:
        given[name] = _truth(row.get(name, ""))
    if "birthdate" in given:
        given["birthdate"] = _birthdate(given["birthdate"])
    if re.search(r"\s", row.get(USERNAME, "")):
        raise Unusable("The user name contains a space or a tab")
    return given


def _create(context: Context, pool: Record, username: str, given: Mapping[str, str]) -> Record:
    if context.pools.find_user(pool, username) is not None:
        raise Known
    try:
        created = context.pools.call(
            "AdminCreateUser",
            {
                "UserPoolId": pool["Id"],
                "Username": username,
                "UserAttributes": [{"Name": key, "Value": given[key]} for key in given],
                "TemporaryPassword": context.pools.cognito._generate_temp_password(),
                "MessageAction": "SUPPRESS",
            },
        )["User"]
    except ServiceError as error:
        raise Unusable(error.message) from None
    return context.pools.user(pool, created["Username"])


def _birthdate(text: str) -> str:
    """Return the attribute, which has another form than the file."""
    found = _BIRTHDATE.fullmatch(text)
    if found is None:
        raise Unusable("The birthdate has another form than mm/dd/yyyy")
    return f"{found[3]}-{found[1]}-{found[2]}"


def _truth(text: str) -> str:
    lower = text.strip().lower()
    if lower in _TRUE:
        return "true"
    if lower in _FALSE:
        return "false"
    raise Unusable("A boolean is neither true nor false")
