"""guardian's direct foreign-key grant tables, behind both walls.

Direct foreign keys, because generic grants outlive their object and attach to a reused id. The apps above subclass
:class:`FolderGrantBase` and :class:`CodeGrantBase` with their own ``content_object``.
"""

from __future__ import annotations

from typing import ClassVar

from guardian.managers import GroupObjectPermissionManager
from guardian.models import GroupObjectPermissionBase

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
