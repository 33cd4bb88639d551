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
    "made_up": "补一位：此前分到的客户未添加",
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
STANDING_LABELS = {
    "suspect": "疑似已满",
    "peak": "峰值转接中",
    "full": "已满",
    "receiving": "接待中",
    "standby": "待命",
    "off_hours": "不在接待时间",
    "leave": "休假",
    "offline": "已下线",
    "pending": "二维码准备中",
    "unable": "不可接待",
}
SLOT_LABELS = {"waiting": "等待添加", "friend": "已添加", "late": "迟到添加", "returned": "已退回"}
# What a reason means, for those who ask why (product.md §2).
REASON_HINTS = {
    "in_turn": "平均分配：从上一次接待的人之后，按序号找到第一位可接待的客服。",
    "weighted": "按权重分配：权重越高轮到得越多，并且均匀地穿插。",
    "least_loaded": "最少接待优先：今日名额占每日上限的比例最低的一位。",
    "condition": "扫码符合一条分流条件，由该条件指定的客服接待。",
    "peak": "轮到的客服等待人数已达峰值阈值，按「峰值溢出自动转接」转给备用客服，等待人数下降后自动恢复。",
    "peak_kept": "轮到的客服等待人数已达峰值阈值，但备用客服和其他人都不可接待，仍由她接待，不让客户落到兜底页。",
    "friend": "这位访客此前由精确归因确认已是她的好友，不再占用名额。",
    "swapped": "访客在页面上点了「换一位」，原来的名额已退回，改由下一位接待。",
    "made_up": "轮次按添加计：此前分到的客户没有添加，先把这一位补给她，再继续轮流。",
    "fallback_code": "本活码没有人可接待，按兜底设置转到另一个活码，由那里的客服接待。",
    "overflow": "接待名单上的人都不可接待，按顺序找到第一位可接待的备用客服。",
    "duty": "接待名单和备用客服都不可接待，由值班人接待，值班人不受上限限制。",
    "sticky": "同一访客在回访时间内再次打开，仍由同一位客服接待。",
    "fallback": "接待名单、备用客服和值班人都不可接待，显示兜底页。",
    "paused": "扫码时活码处于暂停状态。",
    "expired": "扫码时活码已过有效期。",
    "retired": "扫码时活码已归档。",
    "blind": "扫码时数据库不可用，扫码服务也没有这个活码的记录，显示兜底页。",
    "outside": "不是在微信里打开的，页面提示用微信扫一扫，不占名额。",
    "head": "某个程序检查了链接，不是客户，不占名额。",
    "prefetch": "浏览器提前载入了链接，不是客户的扫码，不占名额。",
    "crawler": "网络爬虫打开了链接，不占名额。",
}
# Where scans go that nobody takes, as 实时接待 says it; the page itself has its usual word.
FALLBACK_LABELS = {"code": "转兜底活码"}
