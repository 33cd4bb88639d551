"""What each capability opens, in one plain line, for the page on which bundles are made."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OPENS: Mapping[str, str] = MappingProxyType(
    {
        "codes.view": "看到数据范围内的活码；范围为「本人」时只有「我的活码」",
        "codes.create": "新建活码",
        "codes.edit": "改活码的名称、用途、分类、页面提示语等",
        "codes.organize": "新建和改名分类、渠道",
        "codes.renew": "给活码延长期限",
        "codes.pause": "暂停活码，再恢复使用",
        "codes.retire": "归档不再使用的活码",
        "codes.download": "下载活码图片",
        "routing.roster": "随时增减活码的接待客服、调整顺序和备用",
        "routing.caps": "改客服的每日接待上限和席位上限",
        "routing.rules": "改分流方式、接待时段、溢出和兜底，恢复旧版本",
        "routing.plan": "用假设的扫码试一试会分给谁，不影响实际接待",
        "routing.live": "看谁在接待、多少人在等待、上限用了多少",
        "routing.self": "切换自己的接待状态",
        "staff.manage": "维护客服名册、分组和休假",
        "welcome.choose": "给活码选择一条预设话术",
        "welcome.write": "给单个活码写不在素材库里的话术",
        "welcome.library": "新建和修改预设话术，供所有人选用",
        "tags.apply": "给活码和客户选标签，限标签级别之内",
        "tags.manage": "新建、停用标签，改标签的级别",
        "customers.view": "看到数据范围内的客户和姓名；没有时姓名被遮住",
        "customers.reassign": "把客户转给另一位客服",
        "customers.export": "把客户名单导出成文件",
        "customers.erase": "应客户要求抹去其个人信息，不可恢复",
        "analytics.view": "打开数据看板，具体指标另按下面几组开放",
        "analytics.traffic": "看扫码次数、独立访客、分配和溢出",
        "analytics.growth": "看新增、流失、净增和留存",
        "analytics.quality": "看客户通过率、平均响应时长、标签匹配准确率",
        "analytics.tags": "看各标签的人数和变化",
        "analytics.people": "看每位客服各自的数字",
        "analytics.export": "把看板上的数字下载成文件",
        "analytics.share": "把部门的指标开放给其他部门看，仅限看板",
        "alerts.expiry": "收到并处理活码将过期的预警",
        "alerts.reception": "收到并处理接满、无人接待的预警",
        "alerts.system": "收到并处理企业微信、CRM 等对接故障的预警",
        "crm.view": "看 CRM 回传的状态和失败记录",
        "crm.manage": "改接收地址、开关回传、重新发送",
        "api.tokens": "新建和停用外部系统使用的密钥",
        "wecom.manage": "改企业微信的接入参数，触发同步",
        "members.manage": "邀请和停用成员，授予和收回角色权限包",
        "bundles.manage": "新建和修改自定义角色权限包，限自己拥有的权限",
        "audit.view": "看全企业的审计日志",
        "tenant.settings": "改企业名称、域名等全企业设置",
    }
)
