"""Who is a person and who is a machine: counts are inflated by previews and deflated by eager lists of robots."""

from __future__ import annotations

import pytest

from routing.edge.visitors import Kind, kind_of

PEOPLE_IN_WECHAT = [
    (
        "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Mobile"
        " Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MMWEBID/533 MicroMessenger/8.0.49.2600(0x2800313B) WeChat/arm64"
        " Weixin NetType/WIFI Language/zh_CN ABI/arm64"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
        " wxwork/4.1.22 MicroMessenger/7.0.1 Language/zh ColorScheme/Light"
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0.0.0 Safari/537.36"
        " NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090a13) XWEB/9129 Flue"
    ),
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 MicroMessenger/8.0.30",
]
PEOPLE_ELSEWHERE = [
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Mobile Safari/537.36 T7/13.60 baiduboxapp/13.60.0.10",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Mobile/15E148 SP-engine/2.70.0 baiduboxapp/13.42",
    "Mozilla/5.0 (Linux; U; Android 12) AppleWebKit/534.31 UCBrowser/11.6.4.950 AliApp(DingTalk/6.5.30) com.alibaba.a",
    "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.22.8",
    "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/99.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6) Mobile/15E148 [FBAN/FBIOS;FBAV/430.0]",
    "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 HuaweiBrowser/13.0.3.302 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 13; zh-cn) AliApp(AP/10.5.26) AlipayClient/10.5.26 Language/zh-Hans",
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 aweme.lite BytedanceWebview/d8a21c6",
    "Mozilla/5.0 (Linux; U; Android 11) MiuiBrowser/17.2 MQQBrowser/13.6 QQ/8.9.28 Quark/6.2",
    "",
]
MACHINES = [
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)",
    "Mozilla/5.0 (compatible; 360Spider; +http://www.so.com/help/help_3_2.html)",
    "Mozilla/5.0 (compatible; YisouSpider)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com)",
    "curl/8.4.0",
    "python-requests/2.31.0",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
]


@pytest.mark.parametrize("agent", PEOPLE_IN_WECHAT)
def test_people_in_wechat_and_wecom_are_visits(agent: str) -> None:
    assert kind_of("GET", {"user-agent": agent}) is Kind.VISIT


@pytest.mark.parametrize("agent", PEOPLE_ELSEWHERE)
def test_people_with_other_apps_are_outside_and_never_machines(agent: str) -> None:
    assert kind_of("GET", {"user-agent": agent}) is Kind.OUTSIDE


@pytest.mark.parametrize("agent", MACHINES)
def test_machines_that_say_so_take_no_slot(agent: str) -> None:
    assert kind_of("GET", {"user-agent": agent}) is Kind.CRAWLER


@pytest.mark.parametrize(
    "headers",
    [
        {"purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"sec-purpose": "prefetch;anonymous-client-ip"},
        {"purpose": "preview"},
        {"x-purpose": "preview"},
        {"x-moz": "prefetch"},
    ],
)
def test_what_is_fetched_ahead_or_for_a_preview_is_no_visit(headers: dict[str, str]) -> None:
    assert kind_of("GET", {"user-agent": PEOPLE_IN_WECHAT[0], **headers}) is Kind.PREFETCH


def test_the_heads_by_which_links_are_unfolded_are_no_visits_whatever_they_call_themselves() -> None:
    for agent in (*PEOPLE_IN_WECHAT, *PEOPLE_ELSEWHERE, *MACHINES):
        assert kind_of("HEAD", {"user-agent": agent}) is Kind.HEAD
