"""The left navigation: which entries there are, and which of them a member may open (ui.md, Frame)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from codes.selectors import only_own_codes
from livecode_admin.kernel.web.page import NavGroup, NavItem
from permissions.access import Access, Scope
from permissions.links import tenant_url


def _holds(*capabilities: str) -> Callable[[Access], bool]:
    return lambda access: any(access.may_enter(capability) for capability in capabilities)


def _sees_codes_of_others(access: Access) -> bool:
    """Ordinary staff, with scope *own*, have no 活码 menu but 「我的活码」 (product.md §5.4)."""
    return access.may_enter("codes.view") and not only_own_codes(access)


def _sees_own_codes(access: Access) -> bool:
    return only_own_codes(access)


def _sets_caps(access: Access) -> bool:
    """Caps over all codes are set for colleagues in scope: neither for oneself nor for a single code."""
    return access.scope("routing.caps") not in (None, Scope.OWN)


def _uses_library(access: Access) -> bool:
    """The library is the company's: a greeting that may be chosen for a single code is chosen on its page."""
    return access.can("welcome.choose") or access.can("welcome.library")


def _shares_data(access: Access) -> bool:
    """Sharing is for departments within the member's scope; with scope *own* there are none."""
    return access.scope("analytics.share") not in (None, Scope.OWN)


def _sets_reception(access: Access) -> bool:
    """Settings of the whole company need the rules of the whole company."""
    return access.scope("routing.rules") is Scope.ALL


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    url_name: str
    icon: str
    shown: Callable[[Access], bool]


_MENU: tuple[tuple[str, tuple[_Entry, ...]], ...] = (
    ("", (_Entry("工作台", "console:home", "layout-dashboard", lambda access: True),)),
    (
        "活码",
        (
            _Entry("活码列表", "console:codes", "qrcode", _sees_codes_of_others),
            _Entry("我的活码", "console:codes", "qrcode", _sees_own_codes),
            _Entry("分类", "codes:folders", "folder", _holds("codes.organize")),
            _Entry("渠道", "codes:channels", "photo", _holds("codes.organize")),
        ),
    ),
    (
        "接待",
        (
            _Entry("客服", "people:staff", "users", _holds("staff.manage")),
            _Entry("客服分组", "routing:groups", "users-group", _holds("staff.manage")),
            _Entry("实时接待", "routing:live", "activity", _holds("routing.live")),
            _Entry("接待上限", "routing:caps", "adjustments", _sets_caps),
            _Entry("欢迎语", "reception:welcomes", "message-2", _uses_library),
            _Entry("标签", "tagging:tags", "tag", _holds("tags.manage")),
            _Entry("客户", "reception:customers", "address-book", _holds("customers.view")),
        ),
    ),
    (
        "管理",
        (
            _Entry("成员与权限", "permissions:members", "shield-half", _holds("members.manage")),
            _Entry("角色权限包", "permissions:bundles", "key", _holds("members.manage", "bundles.manage")),
            _Entry("数据共享", "permissions:sharing", "share", _shares_data),
            _Entry("企业微信", "console:wecom", "brand-wechat", _holds("wecom.manage")),
            _Entry("域名", "routing:domains", "world", _holds("tenant.settings")),
            _Entry("CRM 对接", "crm:endpoint", "plug-connected", _holds("crm.view")),
            _Entry("接待设置", "routing:settings", "settings", _sets_reception),
            _Entry("审计日志", "permissions:audit", "history", _holds("audit.view")),
        ),
    ),
)


def nav_groups(access: Access, path: str) -> list[NavGroup]:
    """The groups with the entries that the member may open; the one whose address is the longest prefix is current."""
    urls = {
        entry.label: tenant_url(access, entry.url_name)
        for _, entries in _MENU
        for entry in entries
        if entry.shown(access)
    }
    current = max((url for url in urls.values() if path.startswith(url)), key=len, default="")
    groups = []
    for title, entries in _MENU:
        items = [
            NavItem(entry.label, urls[entry.label], entry.icon, current=urls[entry.label] == current)
            for entry in entries
            if entry.label in urls
        ]
        if items:
            groups.append(NavGroup(title, items))
    return groups
