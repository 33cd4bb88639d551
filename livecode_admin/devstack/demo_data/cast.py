"""Who and what the demo's two companies are. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass

BUNDLES = (
    ("owner", "超级管理员"),
    ("system_config", "系统配置"),
    ("campaign_ops", "活动运营"),
    ("data_analyst", "数据分析"),
    ("ops_director", "运营总监"),
    ("reception_lead", "客服主管"),
    ("receptionist", "客服"),
    ("intern", "实习生"),
)


@dataclass(frozen=True)
class Colleague:
    """A WeCom employee: their user id, name, department, and whether 客户联系 is on."""

    userid: str
    name: str
    department: int
    position: str
    follows: bool = True
    status: int = 1


@dataclass(frozen=True)
class CodePlan:
    """One code: purpose in words, campaign or service, channel, months (0 = 永久有效), how busy it is, its state.

    ``ends_in_days`` sets its last day by the present instead.
    """

    purpose_text: str
    purpose: str
    channel: str
    months: int
    weight: int
    seats: tuple[int, ...]
    backups: tuple[int, ...] = ()
    folder: str = ""
    template: str = "课程顾问"
    tags: tuple[str, ...] = ()
    state: str = "live"
    ends_in_days: int | None = None


@dataclass(frozen=True)
class Company:
    """One of the demo's companies. ``departments``: WeCom id, name, parent."""

    slug: str
    name: str
    corp_id: str
    color: str
    tagline: str
    telephone: str
    departments: tuple[tuple[int, str, int], ...]
    staff: tuple[Colleague, ...]
    members: tuple[str, ...]
    member_departments: tuple[int, ...]
    channels: tuple[str, ...]
    folders: tuple[str, ...]
    codes: tuple[CodePlan, ...]


def _codes(words: tuple[tuple[str, str, str], ...], folders: tuple[str, ...], template: str) -> tuple[CodePlan, ...]:
    """Thirty plans out of ``(purpose in words, campaign|service, channel)``: rosters, ends and load differ by place."""
    plans = []
    for place, (text, purpose, channel) in enumerate(words):
        first = place % 9
        size = 1 if place % 7 == 6 else 3 + place % 4
        seats = tuple((first + step) % 11 for step in range(size))
        backups = tuple({(first + size) % 11} - set(seats)) if place % 2 == 0 else ()
        state = "paused" if place == 12 else "retired" if place == 27 else "live"
        plans.append(
            CodePlan(
                purpose_text=text,
                purpose=purpose,
                channel=channel,
                months=0 if purpose == "service" else 3 + place % 4,
                weight=max(1, 40 - place * 3 // 2),
                seats=seats,
                backups=backups,
                folder=folders[place % len(folders)],
                template=template,
                state=state,
                ends_in_days={3: 1, 8: 3, 16: 2}.get(place),
            )
        )
    return tuple(plans)


_DEPARTMENTS_SCHOOL = (
    (2, "市场部", 1),
    (3, "课程顾问部", 1),
    (4, "课程顾问一组", 3),
    (5, "课程顾问二组", 3),
    (6, "客服部", 1),
)
_SCHOOL = (
    ("冬季招生", "campaign", "地铁广告"),
    ("直播课", "campaign", "直播间"),
    ("售后服务", "service", "包装卡片"),
    ("体验课", "campaign", "电梯广告"),
    ("寒假班招生", "campaign", "宣传单"),
    ("公众号咨询", "service", "公众号"),
    ("家长讲座", "campaign", "宣传单"),
    ("老带新", "campaign", "公众号"),
    ("门店海报", "campaign", "电梯广告"),
    ("客服中心", "service", "公众号"),
    ("社区运营", "campaign", "宣传单"),
    ("抖音主页", "campaign", "直播间"),
    ("校园招聘", "campaign", "宣传单"),
    ("国庆活动", "campaign", "地铁广告"),
    ("作业辅导", "service", "公众号"),
    ("编程夏令营", "campaign", "电梯广告"),
    ("数学思维课", "campaign", "地铁广告"),
    ("英语口语角", "campaign", "直播间"),
    ("教材答疑", "service", "包装卡片"),
    ("周末试听", "campaign", "宣传单"),
    ("期末冲刺", "campaign", "地铁广告"),
    ("绘本阅读", "campaign", "直播间"),
    ("会员服务", "service", "公众号"),
    ("开学礼包", "campaign", "包装卡片"),
    ("亲子活动", "campaign", "宣传单"),
    ("线上测评", "campaign", "公众号"),
    ("升学规划", "service", "电梯广告"),
    ("暑期特训", "campaign", "地铁广告"),
    ("书法课", "campaign", "宣传单"),
    ("科学实验课", "campaign", "直播间"),
)
_DEPARTMENTS_HOME = (
    (2, "品牌部", 1),
    (3, "门店运营部", 1),
    (4, "华东门店", 3),
    (5, "华南门店", 3),
    (6, "售后部", 1),
)
_HOME = (
    ("秋季焕新", "campaign", "门店海报"),
    ("直播专享", "campaign", "直播间"),
    ("售后服务", "service", "包装卡片"),
    ("样板间预约", "campaign", "电梯广告"),
    ("全屋定制", "campaign", "展会"),
    ("会员俱乐部", "service", "小程序"),
    ("以旧换新", "campaign", "门店海报"),
    ("老客推荐", "campaign", "小程序"),
    ("设计师咨询", "service", "展会"),
    ("安装预约", "service", "包装卡片"),
    ("双十二大促", "campaign", "直播间"),
    ("家装课堂", "campaign", "小程序"),
    ("国庆家博会", "campaign", "展会"),
    ("儿童房上新", "campaign", "门店海报"),
    ("床垫试睡", "campaign", "电梯广告"),
    ("沙发保养", "service", "包装卡片"),
    ("厨房改造", "campaign", "展会"),
    ("灯光设计", "campaign", "直播间"),
    ("收纳整理课", "campaign", "小程序"),
    ("开业庆典", "campaign", "门店海报"),
    ("工厂团购", "campaign", "展会"),
    ("旧房翻新", "campaign", "电梯广告"),
    ("客户回访", "service", "包装卡片"),
    ("软装搭配", "campaign", "直播间"),
    ("元旦特惠", "campaign", "门店海报"),
    ("线上选材", "campaign", "小程序"),
    ("维修登记", "service", "包装卡片"),
    ("春节清仓", "campaign", "门店海报"),
    ("阳台改造", "campaign", "电梯广告"),
    ("智能家居", "campaign", "展会"),
)


def _staff(names: tuple[tuple[str, str], ...], position: str) -> tuple[Colleague, ...]:
    """Twelve employees over departments 4, 5 and 6; the last has not been given 客户联系."""
    return tuple(
        Colleague(userid, name, 4 + place % 3 if place < 9 else 6, position, follows=place != len(names) - 1)
        for place, (userid, name) in enumerate(names)
    )


COMPANIES = (
    Company(
        slug="zhixing",
        name="知行教育",
        corp_id="ww7a2d4c81demo0001",
        color="#1f6f63",
        tagline="少儿思维与表达课程",
        telephone="400-000-1001",
        departments=_DEPARTMENTS_SCHOOL,
        staff=_staff(
            (
                ("LinXiaoTong", "林晓彤"),
                ("ChenSiYuan", "陈思远"),
                ("ZhouYuTong", "周雨桐"),
                ("WuZiHan", "吴梓涵"),
                ("HeJiaYi", "何嘉怡"),
                ("LiuJiaNing", "刘佳宁"),
                ("ZhengWenBo", "郑文博"),
                ("SunYiNuo", "孙一诺"),
                ("HuangZiMo", "黄子墨"),
                ("ZhuYaQi", "朱雅琪"),
                ("FengKeXin", "冯可欣"),
                ("MaSiQi", "马思琪"),
            ),
            "课程顾问",
        ),
        members=("苏婉清", "赵启明", "王雨桐", "韩晓磊", "沈静怡", "罗一鸣", "林晓彤", "唐心怡"),
        member_departments=(1, 1, 2, 2, 1, 3, 4, 5),
        channels=("地铁广告", "直播间", "包装卡片", "电梯广告", "宣传单", "公众号"),
        folders=("2026 冬季招生", "老客运营", "品牌活动"),
        codes=_codes(_SCHOOL, ("2026 冬季招生", "老客运营", "品牌活动"), "课程顾问"),
    ),
    Company(
        slug="yunshan",
        name="云杉家居",
        corp_id="ww7a2d4c81demo0002",
        color="#7a4a22",
        tagline="全屋定制与软装",
        telephone="400-000-1002",
        departments=_DEPARTMENTS_HOME,
        staff=_staff(
            (
                ("XieYuHang", "谢宇航"),
                ("TangXinYi", "唐心怡"),
                ("LiangShiHan", "梁诗涵"),
                ("GaoZiXuan", "高子轩"),
                ("CaoMingYue", "曹明月"),
                ("PengHaoRan", "彭浩然"),
                ("DongSiQi", "董思琪"),
                ("YuanJiaHui", "袁嘉慧"),
                ("JiangTianYi", "蒋天逸"),
                ("FuRuoXi", "傅若曦"),
                ("LuZhiYuan", "陆志远"),
                ("QinYaNan", "秦雅楠"),
            ),
            "家居顾问",
        ),
        members=("顾清和", "范志明", "白雪宁", "石磊", "江予安", "钟楚红", "谢宇航", "叶子凡"),
        member_departments=(1, 1, 2, 2, 1, 3, 4, 5),
        channels=("门店海报", "直播间", "包装卡片", "电梯广告", "展会", "小程序"),
        folders=("2026 秋冬促销", "会员运营", "售后"),
        codes=_codes(_HOME, ("2026 秋冬促销", "会员运营", "售后"), "简短问候"),
    ),
)
