"""guardian's direct foreign-key grant tables, behind both walls.

Direct foreign keys, because generic grants outlive their object and attach to a reused id. The apps above subclass
:class:`FolderGrantBase` and :class:`CodeGrantBase` with their own ``content_object``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.apps import apps
from django.db import models
from guardian.managers import GroupObjectPermissionManager
from guardian.models import GroupObjectPermissionBase

from permissions.rules import Target
from tenants.managers import TenantManager
from tenants.models import TenantModel


class GrantManager(TenantManager, GroupObjectPermissionManager):
    """guardian's manager on a loud queryset: it assigns and reads in the current tenant alone."""


class GrantBase(GroupObjectPermissionBase, TenantModel):
    """A capability granted to a bundle's group on one object of the tenant. Subclasses add ``content_object``."""

    objects: ClassVar[GrantManager] = GrantManager()

    class Meta(TenantModel.Meta):
        abstract = True
        unique_together = [["group", "permission", "content_object"]]


class FolderGrantBase(GrantBase):
    """Grants on one code folder; subclass with ``content_object = ForeignKey(CodeFolder, db_constraint=False)``."""

    class Meta(GrantBase.Meta):
        abstract = True


class CodeGrantBase(GrantBase):
    """Grants on one live code; subclass with ``content_object = ForeignKey(LiveCode, db_constraint=False)``."""

    class Meta(GrantBase.Meta):
        abstract = True


def grant_model(target: Target) -> type[GrantBase]:
    """The table of grants on folders or on codes: what an app above has made of our base."""
    base = {Target.FOLDER: FolderGrantBase, Target.CODE: CodeGrantBase}[target]
    (model,) = [model for model in apps.get_models() if issubclass(model, base)]
    return model


def granted_on(model: type[GrantBase]) -> type[models.Model]:
    """What a table of grants grants on."""
    (field,) = [one for one in model._meta.concrete_fields if one.name == "content_object"]
    related: type[models.Model] = field.related_model  # type: ignore[assignment]  # django-stubs allows "self" here
    return related


def target_names(target: Target, ids: Iterable[int]) -> dict[int, str]:
    """The names of folders or codes of the current tenant by id; unknown ones are left out."""
    rows = granted_on(grant_model(target))._default_manager.filter(pk__in=set(ids))
    return {row.pk: str(row) for row in rows}
