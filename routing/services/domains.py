"""A company's hosts: setting them, the files that prove them, and telling people when one is in trouble."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from codes.addresses import host_of
from codes.selectors import NotFound
from livecode_admin.workspace.services import notice_send
from permissions import audit
from permissions.access import Access
from permissions.links import tenant_url
from permissions.selectors import members_holding
from routing.models import DomainHealth, VerificationFile
from routing.rules.domains import HostInvalid, Probed, after_count, after_probe, clean_host, file_problem
from tenants.selectors import tenant_facts
from tenants.services import HostTaken, tenant_hosts_set

FIELD = ("tenant", ["domains"])
FILES_MOST = 20


class DomainRefused(Exception):
    """Hosts or a file that can't be taken. ``errors``: field → why, in Chinese for people."""

    def __init__(self, **errors: str) -> None:
        super().__init__("；".join(errors.values()))
        self.errors = errors


@transaction.atomic
def domains_set(*, access: Access, entry_host: str, landing_host: str, now: datetime) -> bool:
    """Set 入口域名 and 落地域名, as typed; empty: none. Whether anything changed (product.md §1.12).

    Raises:
        Denied: without ``tenant.settings``.
        DomainRefused: no host names, taken, or the installation's own.
    """
    access.require_fields(*FIELD)
    before = tenant_facts()
    entry, landing = _hosts(entry_host, landing_host)
    changes = {
        key: (old, new)
        for key, old, new in (
            ("entry_host", before.entry_host, entry),
            ("landing_host", before.landing_host, landing),
        )
        if old != new
    }
    if not changes:
        return False
    try:
        tenant_hosts_set(entry_host=entry, landing_host=landing)
    except HostTaken as taken:
        field = "entry_host" if taken.host == entry else "landing_host"
        raise DomainRefused(**{field: "该域名已被其他企业使用"}) from None
    _note(access, "domains_changed", {k: v[0] for k, v in changes.items()}, {k: v[1] for k, v in changes.items()}, now)
    return True


def _hosts(entry_host: str, landing_host: str) -> tuple[str, str]:
    """Both as they are stored. Raises DomainRefused with all that is wrong."""
    errors: dict[str, str] = {}
    hosts: dict[str, str] = {}
    ours = {host_of(url.partition("://")[2].partition("/")[0]) for url in (settings.CONSOLE_URL, settings.ENTRY_URL)}
    for field, text in (("entry_host", entry_host), ("landing_host", landing_host)):
        try:
            hosts[field] = clean_host(text)
        except HostInvalid as invalid:
            errors[field] = str(invalid)
            continue
        if hosts[field] in ours:
            errors[field] = "这是本系统自己的域名，请填写企业自己的域名"
    if not errors and hosts["landing_host"]:
        if not hosts["entry_host"]:
            errors["entry_host"] = "设置落地域名前，请先填写入口域名"
        elif hosts["entry_host"] == hosts["landing_host"]:
            errors["landing_host"] = "与入口域名相同时不用填写，入口域名会直接显示页面"
    if errors:
        raise DomainRefused(**errors)
    return hosts["entry_host"], hosts["landing_host"]


@transaction.atomic
def verification_file_put(*, access: Access, name: str, content: bytes, now: datetime) -> None:
    """Keep a verification file; one of the same name is replaced.

    Raises:
        Denied: without ``tenant.settings``.
        DomainRefused: no such file as WeChat or WeCom give out, or 20 are there.
    """
    access.require_fields(*FIELD)
    if problem := file_problem(name, content):
        raise DomainRefused(file=problem)
    row = VerificationFile.objects.filter(name=name).first()
    if row is None and VerificationFile.objects.count() >= FILES_MOST:
        raise DomainRefused(file=f"最多保留 {FILES_MOST} 个校验文件，请先删除不用的")
    row = row or VerificationFile(name=name)
    row.content, row.created_at = content.decode("ascii"), now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise DomainRefused(file="同名文件刚刚由其他人上传，请刷新后再试") from None
    _note(access, "verification_file_added", {}, {"file": name}, now)


@transaction.atomic
def verification_file_remove(*, access: Access, file_id: int, now: datetime) -> str:
    """Take a verification file away; returns its name.

    Raises:
        Denied: without ``tenant.settings``.
        NotFound: no such file in this company.
    """
    access.require_fields(*FIELD)
    row = VerificationFile.objects.filter(pk=file_id).first()
    if row is None:
        raise NotFound
    name = str(row.name)
    row.delete()
    _note(access, "verification_file_removed", {"file": name}, {}, now)
    return name


@transaction.atomic
def probe_record(*, access: Access, host: str, problem: str, now: datetime) -> None:
    """Keep how a host answered (``problem`` empty: well), and tell the holders of 处理系统预警 if that is news."""
    row = _health(host)
    step = after_probe(failures=row.failures, told=row.alerted_at is not None, problem=problem)
    row.checked_at, row.failures, row.problem = now, step.failures, problem[:120]
    row.alerted_at = (row.alerted_at or now) if step.told else None
    row.save()
    _tell(access, step, f"域名 {host} 无法访问：{problem}", f"域名 {host} 已恢复访问", now)


@transaction.atomic
def scans_record(*, access: Access, host: str, last_hour: int, usual: Sequence[int], now: datetime) -> None:
    """Tell people when no scan from WeChat arrives on any code of the domain though many are usual (§1.12)."""
    row = _health(host)
    step = after_count(told=row.quiet_at is not None, now=last_hour, usual=usual)
    row.quiet_at = (row.quiet_at or now) if step.told else None
    row.save()
    down = f"域名 {host} 近 1 小时没有任何微信扫码，请检查域名是否被微信拦截"
    _tell(access, step, down, f"域名 {host} 已恢复扫码", now)


def _health(host: str) -> DomainHealth:
    DomainHealth.objects.bulk_create([DomainHealth(host=host)], ignore_conflicts=True)
    row: DomainHealth = DomainHealth.objects.select_for_update().get(host=host)
    return row


def _tell(access: Access, step: Probed, down: str, up: str, now: datetime) -> None:
    if step.say:
        notice_send(
            member_ids=members_holding("alerts.system", now=now),
            kind="domain",
            text=down if step.say == "down" else up,
            url=tenant_url(access, "routing:domains"),
            now=now,
        )


def _note(access: Access, verb: str, before: dict[str, str], after: dict[str, str], now: datetime) -> None:
    audit.record(
        access=access,
        action=f"tenant.{verb}",
        object_type="tenant",
        object_id=access.tenant_id,
        object_label="域名",
        before=before,
        after=after,
        now=now,
    )
