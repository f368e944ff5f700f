"""Start to send reports of errors to Sentry, if SENTRY_DSN is set."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def start(**options: Any) -> bool:
    """Start Sentry's client, unless reports are off. Nothing of it is imported then.

    Args:
        options: further options of the client, for example another transport.

    Returns:
        whether reports are sent.

    Raises:
        ImproperlyConfigured: SENTRY_DSN is set, and the client is not installed.
    """
    if not settings.SENTRY_DSN:
        return False
    try:
        import sentry_sdk  # noqa: PLC0415 # only if on
        from sentry_sdk.integrations.argv import ArgvIntegration  # noqa: PLC0415 # only if on
        from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415 # only if on

        from project.reports.scrub import scrubbed_event  # noqa: PLC0415 # only if on
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set, but Sentry's client is not installed. Install "
            "requirements/sentry.txt."
        ) from error
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.GATEHOUSE_VERSION,
        send_default_pii=False,
        # The local variables of a view contain forms, tokens and rows.
        include_local_variables=False,
        max_request_body_size="never",
        # Otherwise, the other installed packages would decide what is sent.
        auto_enabling_integrations=False,
        # A command line can have a password.
        disabled_integrations=[ArgvIntegration()],
        integrations=[DjangoIntegration(transaction_style="url", middleware_spans=False)],
        before_send=lambda event, _: scrubbed_event(event),  # type: ignore[arg-type, return-value] # a report is a mapping
        # A breadcrumb is scrubbed with the report that has it; those of statements add nothing.
        before_breadcrumb=lambda crumb, _: None if crumb.get("category") == "query" else crumb,
        **options,
    )
    return True
