"""The tag page: who opens it, what is hidden below a tier, what it changes."""

from tagging.models import Tag
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.tagging.stage import install


def test_the_page_shows_the_tree(tenant: TenantFixture) -> None:
    path = f"/t/{tenant.slug}/tags/"
    client = client_for(tenant.member("system_config"))
    assert "还没有标签" in client.get(path).content.decode()
    install(tenant)
    page = client.get(path).content.decode()
    for name in ("地区", "华东", "高净值客户", "敏感", "待首次使用"):
        assert name in page


def test_who_may_not_manage_tags_has_no_page(tenant: TenantFixture) -> None:
    tags = install(tenant)
    client = client_for(tenant.member("campaign_ops"))
    assert client.get(f"/t/{tenant.slug}/tags/").status_code == 403
    assert client.post(f"/t/{tenant.slug}/tags/", {"name": "新", "tier": "basic"}).status_code == 403
    assert client.post(f"/t/{tenant.slug}/tags/{tags['地区/华东']}/state/", {"active": "0"}).status_code == 403
    with tenant_context(tenant.id):
        assert not Tag.objects.filter(name="新").exists()
        assert Tag.objects.get(pk=tags["地区/华东"]).is_active


def test_a_new_tag_and_what_is_wrong_with_one(tenant: TenantFixture) -> None:
    tags, path = install(tenant), f"/t/{tenant.slug}/tags/"
    client = client_for(tenant.owner)
    good = {"name": "港澳台", "parent_id": tags["地区"], "tier": "basic"}
    assert client.post(path, good).status_code == 302
    twice = client.post(path, good)
    assert twice.status_code == 422
    assert "同一级已有同名标签" in twice.content.decode()
    wrong = client.post(path, {"name": "", "parent_id": "999999999", "tier": "gold"})
    assert wrong.status_code == 422
    for text in ("请填写标签名称", "上级标签不存在", "请选择级别"):
        assert text in wrong.content.decode()


def test_a_tag_is_switched_off_and_on(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    tags = install(tenant)
    foreign = install(other_tenant)["地区/华东"]
    client, path = client_for(tenant.owner), f"/t/{tenant.slug}/tags"
    for active in (False, True):
        answer = client.post(f"{path}/{tags['地区/华东']}/state/", {"active": str(int(active))})
        assert answer.status_code == 302
        with tenant_context(tenant.id):
            assert Tag.objects.get(pk=tags["地区/华东"]).is_active is active
    assert client.post(f"{path}/{foreign}/state/", {"active": "0"}).status_code == 404
