"""Reads of figures, by what a member may see of them."""

from analytics.selectors.departments import OWN, SeenDepartment, part_of, seen_departments
from analytics.selectors.figures import (
    DayFigures,
    Figures,
    busiest_codes,
    daily,
    data_until,
    sparklines,
    today,
    today_by_code,
)
from analytics.selectors.reach import EVERYTHING, GROWTH, QUALITY, TRAFFIC, Part, groups_held, groups_shown

__all__ = [
    "EVERYTHING",
    "GROWTH",
    "OWN",
    "QUALITY",
    "TRAFFIC",
    "DayFigures",
    "Figures",
    "Part",
    "SeenDepartment",
    "busiest_codes",
    "daily",
    "data_until",
    "groups_held",
    "groups_shown",
    "part_of",
    "seen_departments",
    "sparklines",
    "today",
    "today_by_code",
]
