"""Pages of Django's admin that demand a recent sign-in of the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from accounts.step_up.guards import confirm_first
from accounts.step_up.kept_forms import kept_values

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:  # not generic when it runs
    Base = admin.ModelAdmin


class RecentSignInAdmin(Base):
    """A ModelAdmin whose pages to add, change and delete demand a recent sign-in.

    Name it first among the base classes. The values of a form that was sent too late are shown
    again after the confirmation.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return confirm_first(request) or super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return confirm_first(request) or super().delete_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the form of the model, with the kept values if there are any."""
        form = super().get_form(request, *args, **kwargs)
        kept = kept_values(request)
        if kept is None:
            return form

        def show_again(self: Any, *form_args: Any, **form_kwargs: Any) -> None:
            form.__init__(self, *form_args, **form_kwargs)
            for name, field in self.fields.items():
                self.initial[name] = field.widget.value_from_datadict(kept, {}, name)

        return type(form.__name__, (form,), {"__init__": show_again})
