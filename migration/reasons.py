"""Why a user did not come along: what the log, the export and the page say.

The texts are stored in English, and the page translates them.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

INACTIVE = _("the user is inactive")
UNUSABLE = _("the user has no usable password")
AMBIGUOUS = _("several users have the same address")
UNVERIFIED = _("the address is not verified, so no code can be sent to it")
WRONG_PASSWORD = _("the password was wrong")
UNKNOWN = _("no user has the address")
TOO_LONG = _("the password hash is too long")
UNKNOWN_HASHER = _("no hasher of PASSWORD_HASHERS knows the password hash")
NO_LIBRARY = _("the library of the hasher is not installed")
MALFORMED = _("the password hash is malformed")
TOO_SLOW = _("the password hash would take too long to check")
LIMITED_ADDRESS = _("there were too many attempts for one address")
LIMITED_ALL = _("there were too many attempts for all addresses together")
CLOCK = _("the clocks of this site and of the function differ")
REPLAYED = _("the question was sent twice, or was a copy")

# What an operator can do about it. The other reasons need nothing.
ADVICE = {
    AMBIGUOUS: _("Change one of the addresses, or set CHOOSE."),
    UNVERIFIED: _("The user can sign in with the password instead."),
    UNKNOWN: _("The user may have typed another address, or an attacker is guessing."),
    UNKNOWN_HASHER: _("Add the hasher to PASSWORD_HASHERS."),
    NO_LIBRARY: _("Install the library. The log names the hasher."),
    TOO_LONG: _("The user can set a new password by e-mail."),
    MALFORMED: _("The user can set a new password by e-mail."),
    TOO_SLOW: _("The user can set a new password by e-mail."),
    LIMITED_ADDRESS: _("Users can try again when the time of ACCOUNT_LIMIT has passed."),
    LIMITED_ALL: _(
        "An attacker may be guessing passwords. Limit addresses with AWS WAF at the user pool."
    ),
    CLOCK: _("Correct the clock of this server."),
}
