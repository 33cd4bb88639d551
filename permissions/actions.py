"""How the audit log names what happened, in Chinese. Actions are ``<object>.<verb>``."""

from __future__ import annotations

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
    "domains_changed": "域名修改",
    "verification_file_added": "添加校验文件",
    "verification_file_removed": "删除校验文件",
}


def action_label(action: str) -> str:
    """``code.paused`` → 活码 · 暂停; a part that has no word here stays as it is written."""
    obj, _, verb = action.partition(".")
    return f"{ACTION_GROUPS.get(obj, obj)} · {verb_label(action)}" if verb else action


def verb_label(action: str) -> str:
    """``code.paused`` → 暂停: what happened, where the object is on the page already."""
    verb = action.rpartition(".")[2]
    return _VERBS.get(verb, verb)
