"""The gallery's pages: template and context by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.ui.gallery_code import code_page
from tests.ui.gallery_data import list_page
from tests.ui.gallery_parts import parts_page
from tests.ui.gallery_warning import warning_page

PAGES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "list": ("ui/gallery_list.html", list_page),
    "code": ("ui/gallery_code.html", code_page),
    "warning": ("ui/gallery_warning.html", warning_page),
    "parts": ("ui/gallery.html", parts_page),
}
