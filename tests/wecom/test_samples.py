"""What our client sends and reads is what the published samples of each endpoint show."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.wecom.calls import CALLS
from tests.wecom.calls.shape import SampleCall
from tests.wecom.conftest import SAMPLES, FakeWecom, sample
from wecom.client import Client
from wecom.errors import Action, WecomError

# Endpoints of third-party suites, and those that no page of the product needs.
NOT_OFFERED = (
    "service.",
    "wn.service.",
    "auth_getuserdetail",
    "get_jsapi_ticket",
    "ticket_get_agent_config",
    "wechatpy.get_jsapi_ticket",
    "department_get",
    "department_simplelist",
    "user_list_id",
    "externalcontact.close_temp_chat",
    "externalcontact.customer_acquisition_app",
    "externalcontact.get_unassigned_list",
    "externalcontact.group_welcome_template",
    "externalcontact.groupchat.onjob_transfer",
    "externalcontact.groupchat.statistic",
    "externalcontact.groupchat.transfer",
    "externalcontact.opengid_to_chatid",
    "externalcontact.unionid_to_external_userid",
    "wechatpy.externalcontact_add_msg_template",
    "wechatpy.externalcontact_get_group_msg_result",
    "wechatpy.externalcontact_get_unassigned_list",
    "wechatpy.externalcontact_group_welcome_template",
    "wechatpy.externalcontact_transfer",
)


def test_every_json_sample_is_used_or_of_an_endpoint_that_is_not_offered() -> None:
    used = {name for call in CALLS for name in (*call.requests, *call.answers)}
    names = {path.name.removesuffix(".json") for path in (SAMPLES / "json").glob("*.json")}
    assert not used - names
    left = {name for name in names - used if not name.startswith(NOT_OFFERED)}
    assert not left
    assert not [name for name in used if name.startswith(NOT_OFFERED)]


@pytest.mark.parametrize("call", [call for call in CALLS if call.requests], ids=lambda call: call.api)
def test_the_request_has_the_sample_s_fields(call: SampleCall, client: Client, wecom: FakeWecom) -> None:
    call.make(client)
    sent = json.loads(wecom.calls(call.api)[-1].body)
    for name in call.requests:
        assert sent | call.newer == sample(f"json/{name}.json") | call.newer


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.api)
def test_the_call_goes_to_its_path_with_its_query(call: SampleCall, client: Client, wecom: FakeWecom) -> None:
    call.make(client)
    seen = wecom.calls(call.api)[-1]
    expected = {"access_token": "token1", **call.query}
    assert seen.query == (expected if call.api != "gettoken" else {"corpid": "ww1", "corpsecret": "s3cret"})
    assert seen.method == ("POST" if seen.body else "GET")
    assert "authorization" not in seen.headers


@dataclass(frozen=True)
class Answered:
    call: SampleCall
    answer: str


ANSWERED = [Answered(call, answer) for call in CALLS for answer in call.answers]


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.answer)
def test_the_answer_is_read(case: Answered, client: Client, wecom: FakeWecom) -> None:
    wecom.replies[case.call.api] = sample(f"json/{case.answer}.json")
    found = case.call.make(client)
    if case.answer == case.call.answers[0]:
        case.call.check(found)


ERRORS: list[tuple[str, str, Callable[[Client], Any], int, Action]] = [
    (
        "add_contact_way.41037",
        "externalcontact/add_contact_way",
        lambda c: c.add_contact_way(users=["a"]),
        41037,
        Action.FIX,
    ),
    ("any.41001_access_token_missing", "user/get", lambda c: c.get_user("a"), 41001, Action.CONFIG),
    ("any.48002_api_forbidden", "user/get", lambda c: c.get_user("a"), 48002, Action.ADMIN),
    ("any.60011_no_privilege", "user/get", lambda c: c.get_user("a"), 60011, Action.ADMIN),
    ("externalcontact_get.84061", "externalcontact/get", lambda c: c.get_customer("wm"), 84061, Action.SKIP),
    ("externalcontact_list.84061", "externalcontact/list", lambda c: c.list_customers("a"), 84061, Action.SKIP),
    ("externalcontact_list.40014", "externalcontact/list", lambda c: c.list_customers("a"), 40014, Action.REFRESH),
    (
        "get_follow_user_list.40014",
        "externalcontact/get_follow_user_list",
        lambda c: c.get_follow_user_list(),
        40014,
        Action.REFRESH,
    ),
    ("getcallbackip.40014", "getcallbackip", lambda c: c.get_callback_ips(), 40014, Action.REFRESH),
    ("any.40014_invalid_access_token", "user/get", lambda c: c.get_user("a"), 40014, Action.REFRESH),
    ("gettoken.40013_invalid_corpid", "gettoken", lambda c: c.access_token(), 40013, Action.CONFIG),
    ("gettoken.41004_corpsecret_missing", "gettoken", lambda c: c.access_token(), 41004, Action.CONFIG),
    (
        "mark_tag.45033",
        "externalcontact/mark_tag",
        lambda c: c.mark_tag(userid="a", external_userid="wm", add=["t"]),
        45033,
        Action.SERIALISE,
    ),
    (
        "send_welcome_msg.41051",
        "externalcontact/send_welcome_msg",
        lambda c: c.send_welcome_msg("CODE", text="hi"),
        41051,
        Action.FINAL,
    ),
]


def test_every_error_sample_is_used_but_the_suite_s() -> None:
    names = {path.name.removesuffix(".json") for path in (SAMPLES / "errors").glob("*.json")}
    assert names - {case[0] for case in ERRORS} == {"get_suite_token.40085"}


@pytest.mark.parametrize(("name", "api", "make", "code", "action"), ERRORS, ids=[case[0] for case in ERRORS])
def test_an_error_is_told_by_its_code(
    name: str, api: str, make: Callable[[Client], Any], code: int, action: Action, client: Client, wecom: FakeWecom
) -> None:
    """An error body may carry empty lists: they never pass as "there are none"."""
    wecom.replies[api] = sample(f"errors/{name}.json")
    with pytest.raises(WecomError) as caught:
        make(client)
    assert (caught.value.code, caught.value.action, caught.value.api) == (code, action, api)
    assert caught.value.hint == ("HINT" if "hint" in wecom.replies[api]["errmsg"] else "")
    assert caught.value.text
