"""Pages of codes: downloads, actions, folders, channels; who may open them and what they answer."""

import io
from urllib.parse import unquote

import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from codes.models import Channel, CodeFolder, LiveCode
from codes.services import code_mark_live
from tenants.context import tenant_context
from tests.codes.conftest import NOW, MakeCode
from tests.factories import TenantFixture, client_for


@pytest.fixture
def live(tenant: TenantFixture, make_code: MakeCode) -> int:
    """A live code of the tenant's root department."""
    code_id = make_code(tenant.owner, name="地铁/广告", department_id=tenant.department_id)
    with tenant_context(tenant.id):
        code_mark_live(access=tenant.owner, code_id=code_id, now=NOW)
    return code_id


def state(tenant: TenantFixture, code_id: int) -> str:
    with tenant_context(tenant.id):
        return str(LiveCode.objects.get(pk=code_id).state)


def slug(tenant: TenantFixture, code_id: int) -> str:
    with tenant_context(tenant.id):
        return str(LiveCode.objects.get(pk=code_id).slug)


def test_the_downloaded_png_is_read_as_the_printed_url(tenant: TenantFixture, live: int) -> None:
    answer = client_for(tenant.member("campaign_ops")).get(f"/t/{tenant.slug}/codes/{live}/qr.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("L"))
    assert [one.text.rpartition("/c/")[2] for one in found] == [slug(tenant, live)]
    disposition = unquote(answer["Content-Disposition"])
    assert disposition.startswith("attachment")
    assert f"地铁广告-{slug(tenant, live)}.png" in disposition


def test_the_svg_can_be_shown_in_a_page(tenant: TenantFixture, live: int) -> None:
    answer = client_for(tenant.owner).get(f"/t/{tenant.slug}/codes/{live}/qr.svg?inline=1")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert answer["Content-Disposition"].startswith("inline")
    assert b"<svg" in answer.content


@pytest.mark.parametrize(("px", "width"), [("1", 1), ("64", 64), ("999", 64), ("0", 1), ("x", 12), ("１", 12)])
def test_the_size_is_moved_into_range(tenant: TenantFixture, live: int, px: str, width: int) -> None:
    client = client_for(tenant.owner)
    path = f"/t/{tenant.slug}/codes/{live}/qr.png"
    smallest = Image.open(io.BytesIO(client.get(path, {"px": "1"}).content))
    image = Image.open(io.BytesIO(client.get(path, {"px": px}).content))
    assert image.width == smallest.width * width


def test_who_has_no_download_gets_none(tenant: TenantFixture, live: int) -> None:
    answer = client_for(tenant.member("data_analyst")).get(f"/t/{tenant.slug}/codes/{live}/qr.png")
    assert answer.status_code == 403


def test_another_companys_code_is_not_found(tenant: TenantFixture, other_tenant: TenantFixture, live: int) -> None:
    client = client_for(other_tenant.owner)
    for path in ("qr.png", "qr.svg", "pause/", "resume/", "retire/", "renew/"):
        assert client.get(f"/t/{other_tenant.slug}/codes/{live}/{path}").status_code == 404
        assert client.get(f"/t/{tenant.slug}/codes/{live}/{path}").status_code == 404
    assert client.post(f"/t/{other_tenant.slug}/codes/{live}/retire/").status_code == 404
    assert state(tenant, live) == "live"


@pytest.mark.parametrize(("action", "after"), [("pause", "paused"), ("retire", "retired")])
def test_asking_changes_nothing_and_confirming_does(tenant: TenantFixture, live: int, action: str, after: str) -> None:
    client, path = client_for(tenant.member("campaign_ops")), f"/t/{tenant.slug}/codes/{live}/{action}/"
    dialog = client.get(path, headers={"HX-Request": "true"})
    assert dialog.status_code == 200
    assert "<dialog" in dialog.content.decode()
    assert state(tenant, live) == "live"
    done = client.post(path, headers={"HX-Request": "true"})
    assert (done.status_code, done["HX-Refresh"]) == (204, "true")
    assert state(tenant, live) == after


def test_without_htmx_the_answer_is_the_codes_page(tenant: TenantFixture, live: int) -> None:
    answer = client_for(tenant.owner).post(f"/t/{tenant.slug}/codes/{live}/pause/", {"next": "https://evil.example/"})
    assert (answer.status_code, answer["Location"]) == (302, f"/t/{tenant.slug}/codes/{live}/")


def test_what_is_not_possible_is_said_in_the_dialog(tenant: TenantFixture, live: int) -> None:
    answer = client_for(tenant.owner).post(f"/t/{tenant.slug}/codes/{live}/resume/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "启用的活码不能恢复" in answer.content.decode()


def test_renewing_from_the_page(tenant: TenantFixture, live: int) -> None:
    client, path = client_for(tenant.owner), f"/t/{tenant.slug}/codes/{live}/renew/"
    assert "12 个月" in client.get(path).content.decode()
    with tenant_context(tenant.id):
        before = LiveCode.objects.get(pk=live).expires_at
    for wrong in ("", "0", "37", "x"):
        assert client.post(path, {"months": wrong}).status_code == 422
    assert client.post(path, {"months": "6"}).status_code == 302
    with tenant_context(tenant.id):
        after = LiveCode.objects.get(pk=live).expires_at
    assert before is not None
    assert after is not None
    assert (after - before).days in range(178, 186)


@pytest.mark.parametrize("action", ["pause", "resume", "retire", "renew"])
def test_the_server_refuses_who_may_only_look(tenant: TenantFixture, live: int, action: str) -> None:
    client = client_for(tenant.member("data_analyst"))
    assert client.get(f"/t/{tenant.slug}/codes/{live}/{action}/").status_code == 403
    assert client.post(f"/t/{tenant.slug}/codes/{live}/{action}/", {"months": "3"}).status_code == 403
    assert state(tenant, live) == "live"


def test_folders_are_made_and_renamed(tenant: TenantFixture) -> None:
    client, path = client_for(tenant.member("campaign_ops")), f"/t/{tenant.slug}/folders/"
    assert "还没有分类" in client.get(path).content.decode()
    assert client.post(path, {"name": "华东"}).status_code == 302
    twice = client.post(path, {"name": "华东"})
    assert twice.status_code == 422
    assert "同一级已有同名分类" in twice.content.decode()
    with tenant_context(tenant.id):
        folder_id = CodeFolder.objects.get().pk
    assert client.post(path, {"name": "上海", "parent_id": folder_id}).status_code == 302
    assert client.post(f"{path}{folder_id}/", {"name": "华东大区"}).status_code == 302
    assert "华东大区 / 上海" in client.get(path).content.decode()
    assert client.post(f"{path}999999999/", {"name": "无"}).status_code == 404


def test_channels_are_made_and_changed(tenant: TenantFixture) -> None:
    client, path = client_for(tenant.member("campaign_ops")), f"/t/{tenant.slug}/channels/"
    assert client.post(path, {"name": "地铁广告", "cost": "1,200.5"}).status_code == 302
    with tenant_context(tenant.id):
        channel = Channel.objects.get()
    assert (str(channel.cost), channel.abbreviation) == ("1200.50", "DTGG")
    wrong = client.post(path, {"name": "直播间", "cost": "-1"})
    assert wrong.status_code == 422
    assert "不小于 0" in wrong.content.decode()
    assert client.post(f"{path}{channel.pk}/", {"name": "地铁灯箱", "cost": ""}).status_code == 302
    page = client.get(path).content.decode()
    assert "地铁灯箱" in page
    assert "DTDX" in page


def test_filing_is_for_those_who_may_organise(tenant: TenantFixture) -> None:
    client: Client = client_for(tenant.member("data_analyst"))
    for path in ("folders/", "channels/"):
        assert client.post(f"/t/{tenant.slug}/{path}", {"name": "无权"}).status_code == 403
    with tenant_context(tenant.id):
        assert not CodeFolder.objects.exists()
        assert not Channel.objects.exists()
