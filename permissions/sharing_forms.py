"""What is filled in to share a department's metric groups; the service checks it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms

from livecode_admin.kernel import clock
from permissions.metric_groups import METRIC_GROUPS, ON_DASHBOARDS
from permissions.selectors.departments import DepartmentRow

COMPANY = "company"


class ShareForm(forms.Form):
    """Which department opens which metric groups to whom, and until which day (the last one, included)."""

    department = forms.TypedChoiceField(
        label="部门",
        coerce=int,
        help_text="含其下级部门",
        error_messages={"required": "请选择部门", "invalid_choice": "部门已不存在，请重新选择"},
    )
    group = forms.MultipleChoiceField(
        label="指标",
        choices=[(name, METRIC_GROUPS[name]) for name in ON_DASHBOARDS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一组指标", "invalid_choice": "请选择列表中的指标"},
    )
    # Its name in the page is ``with``, a word that Python keeps for itself.
    receiver = forms.ChoiceField(
        label="共享给",
        help_text="对方须持有这组指标的权限，共享不另外授予",
        error_messages={"required": "请选择共享给谁", "invalid_choice": "部门已不存在，请重新选择"},
    )
    until = forms.DateField(
        label="最后一天",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="留空为长期；当日结束后自动停止",
        error_messages={"invalid": "请填写正确的日期"},
    )

    def __init__(
        self, *args: Any, departments: list[DepartmentRow], others: list[DepartmentRow], **kwargs: Any
    ) -> None:
        """``departments``: those that may be shared; ``others``: those that they may be shared with."""
        super().__init__(*args, **kwargs)
        department, receiver = self.fields["department"], self.fields["receiver"]
        assert isinstance(department, forms.ChoiceField)
        assert isinstance(receiver, forms.ChoiceField)
        department.choices = [("", "请选择"), *_choices(departments)]
        receiver.choices = [("", "请选择"), (COMPANY, "全公司"), *_choices(others)]

    def add_prefix(self, field_name: str) -> str:
        """The field's name in the page."""
        return super().add_prefix("with" if field_name == "receiver" else field_name)

    def with_department_id(self) -> int | None:
        """The receiving department of a valid form; None for the whole company."""
        receiver = self.cleaned_data["receiver"]
        return None if receiver == COMPANY else int(receiver)

    def end(self, zone: str) -> datetime | None:
        """The moment after the last day of a valid form; None for good."""
        day = self.cleaned_data["until"]
        return None if day is None else clock.day_start(day + timedelta(days=1), zone)


def _choices(rows: list[DepartmentRow]) -> list[tuple[str, str]]:
    return [(str(row.id), "　" * row.depth + row.name) for row in rows]
