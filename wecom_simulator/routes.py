"""Imports every module that registers a route; the one list of them."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "wecom_simulator.api.token",
    "wecom_simulator.api.departments",
    "wecom_simulator.api.members",
    "wecom_simulator.api.contact_ways",
    "wecom_simulator.api.links",
    "wecom_simulator.api.join_ways",
    "wecom_simulator.api.group_chats",
    "wecom_simulator.api.welcome",
    "wecom_simulator.api.customers",
    "wecom_simulator.api.tags",
    "wecom_simulator.api.statistics",
    "wecom_simulator.api.transfers",
    "wecom_simulator.api.media",
    "wecom_simulator.api.messages",
    "wecom_simulator.api.login",
    "wecom_simulator.sim.corps",
    "wecom_simulator.sim.staff",
    "wecom_simulator.sim.customers",
    "wecom_simulator.sim.browsing",
    "wecom_simulator.sim.groups",
    "wecom_simulator.sim.past",
    "wecom_simulator.sim.callbacks",
    "wecom_simulator.sim.controls",
    "wecom_simulator.sim.pictures",
    "wecom_simulator.sinks.crm",
    "wecom_simulator.sinks.mail",
    "wecom_simulator.pages",
)


def load() -> None:
    """Import them all; importing registers."""
    for name in MODULES:
        import_module(name)
