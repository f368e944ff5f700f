"""`/api/v1/notes`: the notes of the caller, a user or a machine client.

A page of this site may call both views with the session cookie of its user.
"""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rate_limits.counters import Limit
from accounts.rate_limits.limits import MINUTES, count_account
from api.caller import account_name_of, principal_of
from api.contract_view import ContractView
from api.notes.models import Note, NoteQuerySet
from api.notes.serializers import NoteFilter, NoteSerializer
from api.pagination import CursorPages, PageQuery
from api.permissions import HasScope
from api.refusals import TooManyRows
from api.session_authentication import SessionOrBearer

# Each note has up to 10,000 characters.
MAX_NOTES = 1_000
WRITES = Limit(300, 5 * MINUTES)


class NotesOfTheCaller(ContractView):
    """The base of both views: credentials, permissions, rate limit, and the caller's notes."""

    authentication_classes = (SessionOrBearer,)

    def get_permissions(self) -> list[BasePermission]:
        """Require `api/read` for safe methods, `api/write` for others."""
        scope = "api/read" if self.request.method in SAFE_METHODS else "api/write"
        return [HasScope(scope)()]

    def count_write(self) -> None:
        """Count a write. Call this after the input is validated. Raises LimitReached."""
        account = account_name_of(self.request)
        count_account("note write", WRITES, account=account, request=self.request)

    def notes(self) -> NoteQuerySet:
        """Return the caller's notes only, so that a note of another user is a 404."""
        return Note.objects.owned_by(principal_of(self.request))


class NotesView(NotesOfTheCaller):
    """The list of notes."""

    pagination_class = CursorPages
    takes_query = (PageQuery, NoteFilter)

    def get(self, request: Request) -> Response:
        """List the caller's notes, newest first."""
        query = NoteFilter(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        notes = self.notes()
        if search := query.validated_data.get("search"):
            notes = notes.filter(Q(title__icontains=search) | Q(body__icontains=search))
        if updated_since := query.validated_data.get("updated_since"):
            notes = notes.filter(updated_at__gte=updated_since)
        pages = self.pagination_class()
        page = pages.paginate_queryset(notes, request, view=self)
        return pages.get_paginated_response(NoteSerializer(page, many=True).data)

    def post(self, request: Request) -> Response:
        """Create a note. The `Location` header is its address."""
        serializer = NoteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.count_write()
        if self.notes().count() >= MAX_NOTES:
            raise TooManyRows("notes", MAX_NOTES)
        owner = principal_of(request)
        note = serializer.save(owner_issuer=owner.issuer, owner_sub=owner.sub)
        location = reverse("api:note", kwargs={"pk": note.pk})
        return Response(serializer.data, status=201, headers={"Location": location})


class NoteView(NotesOfTheCaller):
    """One note."""

    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """Return a note."""
        note = get_object_or_404(self.notes(), pk=pk)
        return Response(NoteSerializer(note).data)

    @transaction.atomic
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change only the members of the request."""
        # Lock the row until it is saved. Otherwise saving could undo a concurrent change, or bring
        # back a note that was deleted meanwhile.
        note = get_object_or_404(self.notes().select_for_update(), pk=pk)
        serializer = NoteSerializer(note, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        self.count_write()
        serializer.save()
        return Response(serializer.data)

    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Delete a note."""
        note = get_object_or_404(self.notes(), pk=pk)
        self.count_write()
        note.delete()
        return Response(status=204)
