"""The Chinese words for what the engine decided; one place, so that pages and exports say the same."""

from __future__ import annotations

OUTCOME_LABELS = {
    "assigned": "已分配",
    "overflow": "溢出至备用客服",
    "duty": "由值班人接待",
    "returning": "回访，仍由原客服接待",
    "fallback": "兜底页",
    "no_slot": "未占名额",
}
REASON_LABELS = {
    "in_turn": "按序号轮到",
    "weighted": "按权重轮到",
    "least_loaded": "当前接待最少",
    "condition": "符合分流条件",
    "peak": "接待中的客服排队过长，转备用客服",
    "peak_kept": "排队较长，但没有其他人可接待",
    "friend": "访客已是该客服的好友",
    "swapped": "访客点了换一位",
    "fallback_code": "转至兜底活码",
    "overflow": "接待名单均不可接待，转备用客服",
    "duty": "名单与备用客服均不可接待，转值班人",
    "sticky": "同一访客在回访时间内再次扫码",
    "fallback": "没有可接待的客服",
    "paused": "活码已暂停",
    "expired": "活码已过期",
    "retired": "活码已归档",
    "draft": "活码尚未发布",
    "unpublished": "活码尚未发布",
    "blind": "数据库暂时不可用，且本机没有该活码的记录",
    "outside": "未使用微信打开",
    "head": "链接检查",
    "prefetch": "预加载",
    "crawler": "爬虫",
}
PASSED_LABELS = {
    "paused": "席位暂停中",
    "staff_paused": "休假中",
    "offline": "已下线",
    "off_hours": "不在该席位的接待时段",
    "code_hours": "不在活码的接待时段",
    "cannot_receive": "无法接待",
    "suspect": "疑似已满或异常",
    "no_weight": "权重为 0",
    "peak": "等待人数达到峰值",
    "swapped": "访客要求换一位",
    "no_way": "二维码尚未就绪",
    "seat_cap": "席位已达上限",
    "staff_cap": "今日已达上限",
    "overflow_off": "溢出自动切换已关闭",
}
