"""Creating a code on one page: basics, roster, tags, greeting, with a live phone preview."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from codes.rules import Refused, validity_warnings
from codes.selectors import channels, folders, name_proposal
from livecode_admin.console.forms import NewCodeForm
from livecode_admin.console.services import NewCode, code_launch
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb, PickerItem
from livecode_admin.kernel.web.parameters import whole_numbers
from people.pinyin_keys import pinyin_keys
from people.selectors import staff_for_picker, staff_item
from permissions.access import Access, Denied, Scope
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors import departments_tree, members_for_picker
from reception.selectors import WelcomeTemplate, templates
from routing.services.publish import PublishRefused
from routing.services.roster import RosterRefused
from tagging.rules import TagRefused
from tagging.selectors import tags_tree


@requires("codes.create")
@require_http_methods(["GET", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """The form; saving creates, publishes and leads to the code's page."""
    access = request.access
    if request.POST.get("template") and not access.can("welcome.choose"):
        raise Denied("welcome.choose", what="code.welcome_template")  # an input that the member's page doesn't have
    library = templates(access) if access.can("welcome.choose") else []
    form = _form(request, library)
    roster, backups, tags = (whole_numbers(request.POST.getlist(name)) for name in ("roster", "backups", "tags"))
    problems: list[str] = []
    if request.method == "POST":
        valid = form.is_valid()
        problems = _roster_problems(form, roster)
        if valid and not problems:
            new = _new_code(form, roster, backups, tags)
            code_id, problems = _launch(access, form, new)
            if code_id is not None:
                _warn(request, new)
                messages.success(request, f"已创建活码「{new.name}」，正在为客服准备二维码")
                return HttpResponseRedirect(tenant_url(access, "console:code", code_id))
    context = {
        "form": form,
        "problems": problems,
        "roster_error": next(iter(_roster_problems(form, roster)), "") if problems else "",
        "channels": channels(access),
        "roster_items": staff_items(access, roster),
        "backup_items": staff_items(access, backups),
        "tag_items": tag_items(access, tags),
        "library": library,
        "crumbs": [Crumb("活码", tenant_url(access, "console:codes"))],
    }
    return TemplateResponse(request, "console/code_new.html", context)


@requires("codes.create")
@require_GET
def name(request: ConsoleRequest) -> HttpResponse:
    """The proposed name for what is typed so far (product.md §1.3)."""
    proposal = name_proposal(
        now=clock.now(),
        zone=request.tenant.time_zone,
        purpose_text=request.GET.get("purpose_text", "")[:30],
        channel=request.GET.get("channel_name", "")[:30],
    )
    return TemplateResponse(request, "console/_name.html", {"proposal": proposal})


def _form(request: ConsoleRequest, library: Sequence[WelcomeTemplate]) -> NewCodeForm:
    """The form with what this member may choose: a department outside of their scope would be refused on saving."""
    access = request.access
    scope = access.scope("codes.create")
    departments = [one for one in departments_tree(access) if scope is Scope.ALL or one.id in access.department_ids]
    members = members_for_picker(access) if scope is not Scope.OWN else []
    return NewCodeForm(
        request.POST or None,
        zone=request.tenant.time_zone,
        initial={"kind": "several", "validity": "months", "delivery": "hosted"},
        choices={
            "folder": [(one.id, one.path) for one in folders(access)],
            "owner": [(one.id, one.name) for one in members],
            "department": [(one.id, "　" * one.depth + one.name) for one in departments],
            "template": [(one.pk, f"{one.folder} / {one.name}") for one in library],
        },
    )


def _roster_problems(form: NewCodeForm, roster: list[int]) -> list[str]:
    """What is wrong with the choice of people before anything is tried."""
    if not roster:
        return ["请在接待名单中至少选择一位客服"]
    if form.cleaned_data.get("kind") == "single" and len(roster) > 1:
        return ["单人活码只能有一位客服；需要多位时请选择「多人」"]
    return []


def _launch(access: Access, form: NewCodeForm, new: NewCode) -> tuple[int | None, list[str]]:
    """The new code's id, or None with what the page says of people and tags; the rest stands beside its field."""
    try:
        return code_launch(access=access, new=new, now=clock.now()), []
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return None, []
    except TagRefused as refused:
        return None, [refused.message]
    except (RosterRefused, PublishRefused) as refused:
        return None, refused.messages


def staff_items(access: Access, chosen: list[int]) -> list[PickerItem]:
    """The staff for a picker, the chosen ones first in their order; who can't receive has the reason (§2.14)."""
    order = {pk: place for place, pk in enumerate(chosen)}
    cards = sorted(staff_for_picker(access), key=lambda card: order.get(card.id, len(order)))
    return [staff_item(card, chosen=card.id in chosen) for card in cards]


def tag_items(access: Access, chosen: list[int]) -> list[PickerItem]:
    """The tags that the member may apply, for a picker; those above the member's tier are not there."""
    if not access.can("tags.apply"):
        return []
    return [
        PickerItem(
            value=str(node.id),
            label=node.name,
            path=node.path,
            search=f"{node.path} {pinyin_keys(node.name).full} {pinyin_keys(node.name).initials}".lower(),
            chosen=node.id in chosen,
        )
        for node in tags_tree(access)
        if node.is_leaf
    ]


def _new_code(form: NewCodeForm, roster: list[int], backups: list[int], tags: list[int]) -> NewCode:
    data = form.cleaned_data
    return NewCode(
        name=data["name"],
        purpose=data["purpose"],
        purpose_text=data["purpose_text"],
        kind=data["kind"],
        channel_name=data["channel_name"],
        folder_id=data["folder"],
        owner_id=data["owner"],
        department_id=data["department"],
        expires_at=form.expires_at(clock.now()),
        landing_text=data["landing_text"],
        roster=roster,
        backups=[pk for pk in backups if pk not in roster],
        tag_ids=tags,
        template_id=data["template"],
        delivery=data["delivery"],
    )


def _warn(request: ConsoleRequest, new: NewCode) -> None:
    for warning in validity_warnings(purpose=new.purpose, kind=new.kind, expires_at=new.expires_at):
        messages.warning(request, warning)
