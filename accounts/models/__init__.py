"""Database tables: users, browser sessions, used sign-ins, revocations, counters, audit trail."""

from accounts.models.attempt_counter import AttemptCounter
from accounts.models.audit_delivery import AuditDelivery
from accounts.models.audit_event import AuditEvent
from accounts.models.browser_session import BrowserSession
from accounts.models.directory import Directory
from accounts.models.identity import AbstractIdentity, identity_model
from accounts.models.refusal_count import RefusalCount
from accounts.models.revocation import Revocation
from accounts.models.used_login import UsedLogin
from accounts.models.user import User

__all__ = [
    "AbstractIdentity",
    "AttemptCounter",
    "AuditDelivery",
    "AuditEvent",
    "BrowserSession",
    "Directory",
    "RefusalCount",
    "Revocation",
    "UsedLogin",
    "User",
    "identity_model",
]
