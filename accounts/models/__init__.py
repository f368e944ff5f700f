"""Rows: who has signed in, on which devices, and which sign-ins were used up."""

from accounts.models.browser_session import BrowserSession
from accounts.models.used_login import UsedLogin
from accounts.models.user import User

__all__ = ["BrowserSession", "UsedLogin", "User"]
