"""`./run bench`: what a percentile is, and one clear line for an unknown name."""

import pytest

from livecode_admin.devstack import bench
from livecode_admin.devstack.benches.figures import percentile, summary
from livecode_admin.devstack.problems import DevstackProblem


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(200, 0, -1)]
    assert summary(values) == {"p50": 100.0, "p90": 180.0, "p99": 198.0, "worst": 200.0}
    assert [percentile([7.0], share) for share in (0.5, 0.99, 1.0)] == [7.0, 7.0, 7.0]
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_an_unknown_measurement_is_one_line_with_the_names() -> None:
    with pytest.raises(DevstackProblem, match="names: welcome"):
        bench.bench(["nothing"])


def test_a_place_without_a_demo_is_not_measured(tmp_path: object) -> None:
    with pytest.raises(DevstackProblem, match="No demo runs in"):
        bench.bench(["welcome", "--data", str(tmp_path)])
