"""Vendored files are what the manifest says, and templates use only what is there."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from livecode_admin.kernel.web.parts import STATES

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
APPS = (
    "analytics",
    "codes",
    "crm",
    "livecode_admin",
    "people",
    "permissions",
    "reception",
    "routing",
    "tagging",
    "tests/ui",
)
MODULES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
MANIFEST = json.loads((STATIC / "vendor/manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: str(entry["name"]))
def test_a_vendored_file_is_unchanged_and_has_its_licence_beside_it(entry: dict[str, str]) -> None:
    assert hashlib.sha256((STATIC / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert (STATIC / entry["licence_file"]).stat().st_size > 400
    assert "sourceMappingURL" not in (STATIC / entry["file"]).read_text(encoding="utf-8")


def test_everything_in_vendor_is_in_the_manifest() -> None:
    named = {entry[key] for entry in MANIFEST for key in ("file", "licence_file")}
    there = {f"vendor/{p.name}" for p in (STATIC / "vendor").iterdir()} - {"vendor/manifest.json"}
    assert there <= named


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="i-([a-z0-9-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    used = {look.icon for look in STATES.values()}
    for template in TEMPLATES:
        used |= set(
            re.findall(
                r'(?:{% icon |icon=|icon_name=|{% pill "[a-z]*" "[^"]*" )"([a-z0-9-]+)"',
                template.read_text(encoding="utf-8"),
            )
        )
    for module in MODULES:
        used |= set(re.findall(r'(?:\bicon=|\bAction\("[^"]*", )"([a-z0-9-]+)"', module.read_text(encoding="utf-8")))
    assert used - sprite == set()


def test_every_class_that_a_template_uses_is_in_the_stylesheets() -> None:
    sheets = [STATIC / "console.css", STATIC / "vendor/tabler-1.6.1.min.css"]
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)))
    used: dict[str, str] = {}
    for template in TEMPLATES:
        text = re.sub(r"{%.*?%}|{{.*?}}", "{}", template.read_text(encoding="utf-8"), flags=re.S)
        words = " ".join(re.findall(r'class="([^"]*)"', text)).split()
        used |= {word: str(template) for word in words if re.fullmatch(r"[a-zA-Z][\w-]*", word)}
    assert {word: place for word, place in used.items() if word not in known} == {}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_has_nothing_that_the_csp_would_refuse(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"""\s(style|on[a-z]+)=["']""", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*\bnonce=)", text)
    assert not re.search(r"""\b(src|href)=["']https?://""", text)


@pytest.mark.parametrize("script", sorted((STATIC / "js").glob("*.js")), ids=lambda p: p.name)
def test_a_script_that_listens_to_keys_is_silent_while_an_input_method_composes(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert "eval(" not in text
    if "keydown" in text and script.name != "roster-sort.js":
        assert "isComposing" in text
        assert "event.key " not in text


def test_the_403_page_names_what_is_missing_and_who_can_grant_it() -> None:
    context = {"missing_label": "编辑活码", "grantors": ["赵启明", "苏婉清"]}
    html = render_to_string("errors/403.html", context, RequestFactory().get("/"))
    assert "需要「编辑活码」权限" in html
    assert "赵启明" in html
    assert "苏婉清" in html


@pytest.mark.parametrize("name", ["403", "404", "500"])
def test_an_error_page_needs_no_context_and_offers_a_way_on(name: str) -> None:
    html = render_to_string(f"{name}.html")
    assert "回到工作台" in html
    assert "！" not in html
