"""What the audit log calls the fields of its entries and their values. Plain Python, no names of rows: see diffs.py."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from permissions.capabilities import BUNDLES, LABELS

FIELDS: Mapping[str, str] = {
    "name": "名称",
    "slug": "短码",
    "bundle": "角色权限包",
    "bundles": "角色权限包",
    "default_bundle": "默认权限包",
    "left_out": "未授予",
    "position": "职务",
    "wecom_userid": "企业微信账号",
    "department": "部门",
    "department_id": "部门",
    "parent": "上级",
    "parent_id": "上级",
    "order": "排序",
    "target": "授予范围",
    "target_id": "编号",
    "tier": "标签级别",
    "until": "有效期至",
    "group": "指标",
    "shared_with": "共享给",
    "scope": "数据范围",
    "is_active": "启用",
    "capabilities": "权限",
    "reason": "原因",
    "missing": "缺少权限",
    "what": "对象",
    "state": "状态",
    "owner_id": "负责人",
    "folder": "分类",
    "folder_id": "分类",
    "channel_id": "渠道",
    "cost": "每月费用",
    "expires_at": "有效期至",
    "months": "延长月数",
    "purpose": "用途类型",
    "purpose_text": "用途",
    "kind": "类型",
    "delivery": "方式",
    "landing_text": "页面提示语",
    "remark_suffix": "备注后缀",
    "description": "描述",
    "roster": "接待名单",
    "backups": "备用客服",
    "caps": "席位上限",
    "paused": "暂停至",
    "paused_until": "休假至",
    "daily_cap": "每日接待上限",
    "peak_threshold": "峰值人数",
    "weights": "权重",
    "hours": "接待时段",
    "sources": "分组与部门",
    "people": "人员",
    "follows": "跟随部门",
    "version": "版本",
    "strategy": "分流方式",
    "overflow": "溢出自动切换",
    "turns_count": "轮次计算",
    "peak_overflow": "峰值溢出自动转接",
    "peak_window_seconds": "峰值窗口",
    "pending_seconds": "等待添加",
    "sticky_seconds": "回访",
    "conditions": "分流条件",
    "duty_staff_id": "值班人",
    "duty_staff": "值班人",
    "fallback": "兜底",
    "fallback_code_id": "兜底活码",
    "fallback_code": "兜底活码",
    "skip_verify": "免验证",
    "verify_hours": "需验证时段",
    "swap_allowed": "允许换一位",
    "outside_count": "名片、搜索添加计入上限",
    "parts": "恢复内容",
    "tags": "标签",
    "tags_basic": "基础标签",
    "tags_standard": "常规标签",
    "tags_sensitive": "敏感标签",
    "welcome_template": "欢迎语模板",
    "welcome_text": "自由编辑话术",
    "text": "内容",
    "url": "接收地址",
    "enabled": "启用",
    "secret": "密钥",
    "corp_id": "企业 ID",
    "agent_id": "AgentId",
    "from": "从",
    "to": "到",
    "count": "条数",
    "online": "接待中",
    "since": "自",
    "assigned": "分配",
    "filters": "筛选",
    "channel": "渠道",
    "owner": "负责人",
    "target_name": "授予的分类或活码",
    "entry_host": "入口域名",
    "landing_host": "落地域名",
    "file": "校验文件",
    "member": "成员",
    "goal": "目标",
    "landing_look": "页面外观",
    "poster": "海报",
    "welcome_attachments": "欢迎语附件",
    "staff": "客服",
    "backup": "备用客服",
    "weight": "权重",
    "groups": "客服分组",
    "peak_window": "峰值窗口",
    "pending_time": "等待添加",
    "sticky_time": "回访",
    "duty_person": "值班人",
    "calendar": "企业日历",
    "sharing": "数据共享",
    "domains": "域名",
    "time_zone": "时区",
    "look": "外观",
    "seat": "席位",
}

# What a table of capabilities or a denial calls the things that fields belong to.
OBJECTS: Mapping[str, str] = {
    "code": "活码",
    "seat": "席位",
    "staff": "客服",
    "rule": "分流规则",
    "template": "欢迎语模板",
    "tag": "标签",
    "customer": "客户",
    "channel": "渠道",
    "folder": "分类",
    "member": "成员",
    "bundle": "角色权限包",
    "crm_endpoint": "CRM 对接",
    "wecom_connection": "企业微信连接",
    "department": "部门",
    "tenant": "企业设置",
    "groups": "客服分组",
}
# The pages of the console by the first part of their path.
PAGES: Mapping[str, str] = {
    "": "工作台",
    "audit": "审计日志",
    "bundles": "角色权限包",
    "channels": "渠道",
    "codes": "活码",
    "crm": "CRM 对接",
    "customers": "客户",
    "folders": "分类",
    "jobs": "后台任务",
    "join": "接受邀请",
    "live": "实时接待",
    "members": "成员与权限",
    "notices": "通知",
    "presence": "上线与下线",
    "search": "搜索",
    "settings": "设置",
    "sharing": "数据共享",
    "staff": "客服",
    "tags": "标签",
    "view-as": "以此人视角查看",
    "wecom": "企业微信",
    "welcomes": "欢迎语",
}
_SCOPES = {"own": "本人", "department": "本部门及以下", "all": "全部"}
_TIERS = {"basic": "基础", "standard": "常规", "sensitive": "敏感"}
_TARGETS = {"tenant": "全企业", "folder": "分类", "code": "活码"}
_STATES = {"draft": "草稿", "live": "启用", "paused": "已暂停", "retired": "已归档"}
_BUNDLES = {key: bundle.name for key, bundle in BUNDLES.items()}
# Field → its values that are keys. Names that people chose are never looked up: a code may be called "live".
VALUES: Mapping[str, Mapping[str, str]] = {
    "scope": _SCOPES,
    "tier": _TIERS,
    "target": _TARGETS,
    "state": _STATES,
    "purpose": {"campaign": "短期活动", "service": "长期服务"},
    "kind": {"single": "单人", "several": "多人", "group": "拉群"},
    "delivery": {"hosted": "托管", "link": "获客链接", "native": "原生"},
    "bundle": _BUNDLES,
    "bundles": _BUNDLES,
    "left_out": _BUNDLES,
    "default_bundle": _BUNDLES,
    "capabilities": LABELS,
    "missing": LABELS,
    "group": LABELS,
}
# Where a page shows a key without its field.
_BARE = {**_SCOPES, **_TIERS, **_TARGETS, **LABELS, **_BUNDLES}
# Fields that are called otherwise on this object.
_ON = {"seat.position": "排序"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KEY = re.compile(r"[a-z_]+(\.[a-z_]+(:[a-z]+)?( \(own\))?)?")


class UnknownWord(LookupError):
    """An entry names a field that the log has no word for: give it one in :data:`FIELDS`."""


def check_fields(names: Iterable[str]) -> None:
    """Raise UnknownWord for a field without a word; days (of the company's calendar) are their own."""
    if unknown := [name for name in names if name not in FIELDS and not _DAY.fullmatch(name)]:
        raise UnknownWord(f"no word in the audit log for {', '.join(sorted(unknown))}")


def field_label(name: str) -> str:
    """A field of an entry in Chinese; names of people and days, which head lines too, stay as they are."""
    return FIELDS.get(name, name)


def value_text(value: object, field: str | None = None) -> str:
    """A value of a field as text: keys by their words, 是 and 否, lists with 、 between; nothing is —.

    Without ``field`` scopes, tiers, targets, capabilities and bundles are known, and nothing else.
    """
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(value_text(item, field) for item in value) or "—"
    if isinstance(value, Mapping):
        return "，".join(f"{field_label(str(key))} {value_text(item, field)}" for key, item in value.items()) or "—"
    text = str(value)
    if field == "what":
        return what_text(text)
    return (_BARE if field is None else VALUES.get(field, {})).get(text, text)


def what_text(what: str) -> str:
    """What a refusal was about: ``code.welcome_text`` → 活码 · 自由编辑话术; names stay as they are."""
    if not _KEY.fullmatch(what):
        return what
    obj, _, field = what.partition(".")
    name, _, key = field.removesuffix(" (own)").partition(":")
    known = OBJECTS.get(obj)
    if known is None:
        return what
    label = VALUES["state"].get(key, "") if key else _ON.get(f"{obj}.{name}") or FIELDS.get(name, "")
    return f"{known} · {label}" if label else known


def page_text(method: str, path: str) -> str:
    """A page that was refused: 打开 or 提交, its section, and its path below the company."""
    below = "/".join(path.split("/")[3:])
    section = PAGES.get(below.partition("/")[0], "页面")
    return f"{'打开' if method in ('GET', 'HEAD') else '提交'} {section}（/{below}）"
