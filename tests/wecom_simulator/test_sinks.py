"""The CRM that webhooks go to, and the mailbox."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from wecom_simulator.testing import RunningSimulator

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"type": "customer.added", "data": {"nickname": "小满妈妈"}}, ensure_ascii=False)


@pytest.fixture
def crm() -> str:
    return f"crm{secrets.token_hex(4)}"


def _send(simulator: RunningSimulator, crm: str, *, secret: str = SECRET, body: str = BODY) -> httpx.Response:
    message_id, now = f"msg_{secrets.token_hex(4)}", datetime.now(UTC)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body),
        "content-type": "application/json",
    }
    return simulator.client.post(f"/crm/{crm}", content=body.encode(), headers=headers)


def test_a_signed_webhook_is_kept_and_shown_as_valid(simulator: RunningSimulator, crm: str) -> None:
    simulator.post(f"/sim/crm/{crm}/secret", {"secret": SECRET})
    assert _send(simulator, crm).status_code == 200
    kept = simulator.get(f"/sim/crm/{crm}")["received"][0]
    assert (kept["signature"], kept["body"]) == ("valid", BODY)
    page = simulator.client.get(f"/crm/{crm}").text
    assert "签名有效" in page
    assert "customer.added" in page
    assert "小满妈妈" in page


def test_another_secret_shows_as_invalid_and_none_as_unchecked(simulator: RunningSimulator, crm: str) -> None:
    _send(simulator, crm)
    simulator.post(f"/sim/crm/{crm}/secret", {"secret": SECRET})
    _send(simulator, crm, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    verdicts = [kept["signature"] for kept in simulator.get(f"/sim/crm/{crm}")["received"]]
    assert verdicts == ["unchecked", "invalid"]
    assert "签名无效" in simulator.client.get(f"/crm/{crm}").text


def test_a_crm_answers_as_told_for_as_long_as_told(simulator: RunningSimulator, crm: str) -> None:
    simulator.post(f"/sim/crm/{crm}/behaviour", {"status": 429, "retry_after": "120", "times": 2})
    answers = [_send(simulator, crm) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "120"


def test_a_crm_can_redirect_talk_nonsense_and_hang(simulator: RunningSimulator, crm: str) -> None:
    simulator.post(f"/sim/crm/{crm}/behaviour", {"kind": "redirect", "location": "http://127.0.0.1:1/"})
    assert _send(simulator, crm).headers["location"] == "http://127.0.0.1:1/"
    simulator.post(f"/sim/crm/{crm}/behaviour", {"kind": "garbage"})
    assert _send(simulator, crm).text.startswith("<html>")
    simulator.post(f"/sim/crm/{crm}/behaviour", {"kind": "hang"})
    with pytest.raises(httpx.ReadTimeout):
        simulator.client.post(f"/crm/{crm}", content=b"{}", timeout=0.2)
    simulator.post(f"/sim/crm/{crm}/behaviour", {"kind": "magic"}, status=400)


def test_a_repeated_webhook_is_marked(simulator: RunningSimulator, crm: str) -> None:
    for _ in range(2):
        simulator.client.post(f"/crm/{crm}", content=BODY.encode(), headers={"webhook-id": "same"})
    assert simulator.client.get(f"/crm/{crm}").text.count(">重复<") == 1


def test_markup_in_a_webhook_stays_text(simulator: RunningSimulator, crm: str) -> None:
    simulator.client.post(f"/crm/{crm}", content=b'{"type":"<script>alert(1)</script>"}')
    assert "<script>" not in simulator.client.get(f"/crm/{crm}").text


def test_mails_are_kept_and_shown(simulator: RunningSimulator) -> None:
    subject = f"过期预警 {secrets.token_hex(4)}"
    simulator.post("/sim/mail", {"to": ["wang@example.com"], "subject": subject, "text": "3 个活码即将过期"})
    assert simulator.get("/sim/mail")["mails"][-1]["subject"] == subject
    assert subject in simulator.client.get("/mail").text
