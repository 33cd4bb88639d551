"""How the audit log names what happened, in Chinese. Actions are ``<object>.<verb>``."""

from __future__ import annotations

from permissions.capabilities import BUNDLES, LABELS

# Objects, as filters of the log show them.
ACTION_GROUPS = {
    "code": "活码",
    "roster": "接待名单",
    "rule": "分流规则",
    "staff": "客服",
    "welcome": "欢迎语",
    "tag": "标签",
    "customer": "客户",
    "contact": "好友关系",
    "channel": "渠道",
    "folder": "分类",
    "member": "成员",
    "department": "部门",
    "bundle": "权限包",
    "crm": "CRM 对接",
    "crm_endpoint": "CRM 对接",
    "wecom": "企业微信",
    "tenant": "企业设置",
    "access": "权限",
}
_VERBS = {
    "created": "新建",
    "added": "添加",
    "updated": "修改",
    "changed": "修改",
    "set": "设置",
    "renamed": "改名",
    "moved": "移动",
    "published": "发布",
    "live": "上线",
    "paused": "暂停",
    "resumed": "恢复",
    "retired": "归档",
    "renewed": "延长期限",
    "downloaded": "下载",
    "removed": "移除",
    "deleted": "删除",
    "applied": "应用",
    "connected": "连接",
    "synced": "同步",
    "installed": "安装",
    "enabled": "启用",
    "disabled": "停用",
    "replayed": "重新投递",
    "reassigned": "转移",
    "activated": "启用",
    "deactivated": "停用",
    "bundle_given": "授予权限包",
    "bundle_changed": "修改权限包",
    "bundle_taken": "收回权限包",
    "cap_set": "设置上限",
    "denied": "被拒绝的操作",
}

_FIELDS = {
    "name": "名称",
    "bundle": "权限包",
    "bundles": "权限包",
    "department": "部门",
    "department_id": "部门",
    "parent": "上级部门",
    "order": "排序",
    "target": "授予范围",
    "target_id": "编号",
    "tier": "标签级别",
    "until": "有效期至",
    "scope": "数据范围",
    "is_active": "启用",
    "missing": "缺少权限",
    "what": "对象",
    "state": "状态",
    "owner": "负责人",
    "owner_id": "负责人",
    "folder_id": "分类",
    "channel_id": "渠道",
    "channel": "渠道",
    "expires_at": "有效期至",
    "purpose": "用途",
    "purpose_text": "用途",
    "kind": "类型",
    "delivery": "方式",
    "landing_text": "落地页文案",
    "daily_cap": "每日上限",
    "seats": "席位",
    "version": "版本",
    "tags": "标签",
    "template": "欢迎语模板",
    "text": "内容",
    "url": "地址",
    "enabled": "启用",
    "reason": "原因",
}

_VALUES = {
    "tenant": "全企业",
    "folder": "分类",
    "code": "活码",
    "own": "本人",
    "department": "本部门及以下",
    "all": "全部",
    "basic": "基础",
    "standard": "常规",
    "sensitive": "敏感",
    "draft": "草稿",
    "live": "启用",
    "paused": "已暂停",
    "retired": "已归档",
    "campaign": "短期活动",
    "service": "长期服务",
    "single": "单人",
    "several": "多人",
    "group": "拉群",
    "hosted": "托管",
    "link": "获客链接",
    "native": "原生",
}


def action_label(action: str) -> str:
    """``code.paused`` → 活码 · 暂停; a part that has no word here stays as it is written."""
    obj, _, verb = action.partition(".")
    return f"{ACTION_GROUPS.get(obj, obj)} · {_VERBS.get(verb, verb)}" if verb else action


def field_label(name: str) -> str:
    """A field of an entry in Chinese; one without a word here stays as it is written."""
    return _FIELDS.get(name, name)


def value_text(value: object) -> str:
    """A value of an entry as text: capabilities by their names, 是 and 否, lists with 、 between; None is —."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(value_text(item) for item in value) or "—"
    if isinstance(value, dict):
        return "，".join(f"{field_label(str(key))} {value_text(item)}" for key, item in value.items()) or "—"
    text = str(value)
    if text in BUNDLES:
        return BUNDLES[text].name
    return LABELS.get(text) or _VALUES.get(text, text)
