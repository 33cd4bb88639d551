"""A supervisor that was killed leaves processes; the next start, or `./run down`, finds and stops exactly those."""

import subprocess
import sys
import time
from pathlib import Path

from livecode_admin.devstack import leftovers, valkey
from livecode_admin.devstack.place import Place

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_processes_of_this_place_are_stopped_and_no_others(tmp_path: Path) -> None:
    mine, other = Place(tmp_path / "a", 8000), Place(tmp_path / "b", 8100)
    for place in (mine, other):
        place.make()
    ours = subprocess.Popen(SLEEP, env={"LIVECODE_DEMO_STATE": str(mine.demo_file)})
    theirs = subprocess.Popen(SLEEP, env={"LIVECODE_DEMO_STATE": str(other.demo_file)})
    try:
        deadline = time.monotonic() + 10
        while leftovers.find(mine) != [ours.pid] and time.monotonic() < deadline:
            time.sleep(0.02)
        assert leftovers.find(other) == [theirs.pid]
        assert leftovers.stop(mine) == 1
        assert ours.wait(10) != 0
        assert theirs.poll() is None
    finally:
        for child in (ours, theirs):
            child.kill()
            child.wait()
    assert leftovers.stop(mine) == 0


def test_redis_is_found_though_it_writes_its_title_over_its_environment(tmp_path: Path) -> None:
    place = Place(tmp_path, 8000)
    place.make()
    server = valkey.Server(place.data_dir / "redis", place.socket_dir)
    child = server.spawn(subprocess.DEVNULL)
    try:
        server.wait_ready(child)
        assert leftovers.find(place) == [child.pid]
        assert leftovers.stop(place) == 1
    finally:
        child.kill()
        child.wait()
