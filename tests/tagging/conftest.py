"""The WeCom side of these tests."""

from tests.people.wecom_side import connected, corp, simulator

__all__ = ["connected", "corp", "simulator"]
