"""Reading rules: in words, and the names of what they point to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from codes.selectors import code_cards, code_for, codes_visible
from livecode_admin.kernel.web.page import Fact, PickerItem
from people.selectors import group_members, group_names, staff_cards, staff_item
from permissions.access import Access
from routing.models import Seat
from routing.rules.hours import hours_text
from routing.rules.ruleset import Rules, offered
from routing.rules.rulewords import FALLBACKS, TURNS, Names, named, rule_words, span_text
from routing.rules.snapshot import HOLD_SECONDS
from routing.selectors.compiled import reception_default, rules_of


def rule_names(*rules: Rules, staff: Iterable[int] = ()) -> Names:
    """The names of all people, groups and codes that the rules point to, and of ``staff``."""
    people = {one.duty_staff_id for one in rules if one.duty_staff_id is not None} | set(staff)
    conditions = [condition for one in rules for condition in one.conditions]
    people |= {staff_id for condition in conditions for staff_id in condition.staff}
    return Names(
        staff={pk: card.name for pk, card in staff_cards(people).items()} if people else {},
        groups=group_names() if any(condition.groups for condition in conditions) else {},
        codes=fallback_names(one.fallback_code_id for one in rules if one.fallback_code_id is not None),
    )


def fallback_names(code_ids: Iterable[int]) -> dict[int, str]:
    """The names of codes by id."""
    wanted = set(code_ids)
    return {pk: card.name for pk, card in code_cards(wanted).items()} if wanted else {}


def condition_keys(code_id: int) -> set[int]:
    """The keys of all conditions that versions of this code ever had."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (item ->> 'key')::int FROM routing_snapshot,"
            " jsonb_array_elements(coalesce(data -> 'conditions', '[]')) item WHERE code_id = %s",
            [code_id],
        )
        return {int(key) for (key,) in cursor.fetchall()}


# A slot is held for the pending time only once its QR was fetched (HOLD_SECONDS before that).
UNSEEN = f"；二维码未加载的，{span_text(HOLD_SECONDS)}即退回"


def rule_facts(access: Access, code_id: int) -> list[Fact]:
    """The code's rules in words, for everybody who sees the code. Raises NotFound."""
    code = code_for(access, code_id)
    rules, default = rules_of(code_id), reception_default()
    names = rule_names(rules, staff=[default.duty_staff_id] if default.duty_staff_id else [])
    words = rule_words(rules, names)
    other = default.fallback_code_id if not rules.fallback else rules.fallback_code_id
    kind = rules.fallback or default.fallback
    code_names = {**names.codes, **fallback_names([other] if other and other not in names.codes else [])}
    end = f"活码 {named(code_names, other)}" if kind == "code" else FALLBACKS[kind]
    duty = named(names.staff, rules.duty_staff_id or default.duty_staff_id, "未设置")
    told = {
        "strategy": Fact("分流方式", f"{words['strategy']}，{TURNS.get(rules.turns_count, '')}"),
        "overflow": Fact(
            "溢出切换", "开启：满额后由下一位、备用客服接待" if rules.overflow else "关闭：满额后直接转值班人"
        ),
        "peak_overflow": Fact("峰值转接", _peak_text(rules)),
        "hours": Fact("接待时段", hours_text(rules.hours)),
        "conditions": Fact("分流条件", words["conditions"]),
        "pending_seconds": Fact("等待添加", words["pending_seconds"] + (UNSEEN if code.delivery == "hosted" else "")),
        "sticky_seconds": Fact("回访", words["sticky_seconds"]),
        "duty_staff_id": Fact("值班人", duty),
        "skip_verify": Fact("加好友", _verify_text(rules)),
        "fallback": Fact("兜底", end),
    }
    shown = offered(code.delivery)
    return [fact for name, fact in told.items() if name in shown]


def peak_on(code_id: int) -> bool:
    """Whether 峰值溢出自动转接 is on; it is shown where the roster is (product.md §2.4)."""
    return rules_of(code_id).peak_overflow


def _peak_text(rules: Rules) -> str:
    if not rules.peak_overflow:
        return "关闭"
    return f"开启：同时等待达到峰值转备用，{span_text(rules.peak_window_seconds)}窗口"


def _verify_text(rules: Rules) -> str:
    if not rules.skip_verify:
        return "需验证"
    return f"免验证；{hours_text(rules.verify_hours)} 需验证" if rules.verify_hours else "免验证"


def receivers_of(code_id: int) -> tuple[list[PickerItem], list[PickerItem]]:
    """Who conditions may choose: the people of the roster, and the groups that have somebody in it."""
    seats = Seat.objects.filter(code=code_id, removed_at=None, rung=Seat.Rung.ROSTER).order_by("position")
    ids = list(seats.values_list("staff_id", flat=True))
    cards = staff_cards(ids)
    staff = [_item(f"s{pk}", staff_item(cards[pk])) for pk in ids]
    named_groups = group_names()
    members = group_members(named_groups)
    groups = []
    for pk, name in named_groups.items():
        inside = [cards[one].name for one in members.get(pk, ()) if one in cards]
        if inside:
            groups.append(PickerItem(f"g{pk}", name, path=f"分组 · {'、'.join(inside)}", search=name.lower()))
    return staff, groups


def _item(value: str, item: PickerItem) -> PickerItem:
    return PickerItem(value, item.label, path=item.path, search=item.search)


def code_ids_named(access: Access, text: str) -> dict[str, int]:
    """The code that is called so, by name or slug, within what the member sees; empty when there is none."""
    typed = text.strip()
    rows = codes_visible(access).filter(Q(name=typed) | Q(slug=typed.lower()))
    found = rows.values_list("pk", flat=True).first() if typed else None
    return {} if found is None else {typed: found}


def fallback_choices(access: Access, code_id: int | None, limit: int = 50) -> list[str]:
    """Names of codes that may be chosen as a fallback: the newest live ones that WeCom doesn't route itself."""
    rows = codes_visible(access).filter(state="live").exclude(delivery="native")
    if code_id is not None:
        rows = rows.exclude(pk=code_id)
    return list(rows.order_by("-created_at").values_list("name", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class DefaultWords:
    """The company's reception settings as a code's page names them."""

    duty: str
    fallback: str


def default_words() -> DefaultWords:
    """Duty person and fallback of the company, by name; the duty person is empty when nobody is named."""
    default = reception_default()
    duty = default.duty_staff_id
    cards = staff_cards([duty]) if duty is not None else {}
    other = default.fallback_code_id if default.fallback == "code" else None
    names = fallback_names([other]) if other is not None else {}
    end = f"活码 {named(names, other)}" if other is not None else FALLBACKS[default.fallback]
    return DefaultWords(cards[duty].name if duty in cards else "", end)
