"""How the audit log names what happened, in Chinese. Actions are ``<object>.<verb>``."""

from __future__ import annotations

from permissions.capabilities import BUNDLES, LABELS

# Objects, as filters of the log show them.
ACTION_GROUPS = {
    "code": "活码",
    "staff": "客服",
    "staff_group": "客服分组",
    "welcome_template": "欢迎语模板",
    "tag": "标签",
    "channel": "渠道",
    "folder": "分类",
    "member": "成员",
    "invitation": "邀请",
    "newcomer": "待开通",
    "bundle": "角色权限包",
    "department": "部门",
    "crm": "CRM 对接",
    "wecom": "企业微信",
    "tenant": "企业设置",
    "access": "权限",
    "audit": "审计日志",
}
_VERBS = {
    "created": "新建",
    "added": "添加",
    "updated": "修改",
    "renamed": "改名",
    "saved": "保存",
    "published": "上线",
    "paused": "暂停",
    "resumed": "恢复",
    "retired": "归档",
    "renewed": "延长期限",
    "roster_changed": "名单调整",
    "rules_changed": "分流规则修改",
    "routing_published": "发布分流规则",
    "welcome_set": "欢迎语修改",
    "tags_set": "标签修改",
    "cap_changed": "每日接待上限修改",
    "limits_changed": "接待上限修改",
    "leave_changed": "休假修改",
    "members_changed": "成员调整",
    "deleted": "删除",
    "duty_changed": "值班人修改",
    "reception_changed": "接待设置修改",
    "calendar_changed": "企业日历修改",
    "version_restored": "恢复版本",
    "went_online": "上线接待",
    "went_offline": "下线，不再接待",
    "suspect_lifted": "恢复接待",
    "connected": "连接",
    "endpoint_set": "接收端修改",
    "replayed": "重新发送",
    "enabled": "启用",
    "disabled": "停用",
    "activated": "启用",
    "deactivated": "停用",
    "identified": "关联企业微信账号",
    "viewing_started": "开始以此人视角查看",
    "viewing_ended": "结束以此人视角查看",
    "bundle_given": "授予角色权限包",
    "bundle_changed": "修改角色权限包",
    "bundle_taken": "收回角色权限包",
    "share_given": "共享数据",
    "share_changed": "修改数据共享",
    "share_taken": "停止数据共享",
    "withdrawn": "撤回",
    "link_renewed": "重新生成链接",
    "accepted": "接受",
    "set_aside": "不开通",
    "default_bundle_set": "默认权限包修改",
    "denied": "被拒绝的操作",
    "exported": "导出",
}

_FIELDS = {
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
    return f"{ACTION_GROUPS.get(obj, obj)} · {verb_label(action)}" if verb else action


def verb_label(action: str) -> str:
    """``code.paused`` → 暂停: what happened, where the object is on the page already."""
    verb = action.rpartition(".")[2]
    return _VERBS.get(verb, verb)


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
