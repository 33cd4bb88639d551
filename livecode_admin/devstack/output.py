"""Lines of many processes on one terminal: time, coloured name, text; and a file for each process."""

import sys
import threading
import time
from pathlib import Path
from typing import IO

COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
WIDTH = 14


class Output:
    """Writes whole lines, whichever thread they come from."""

    def __init__(self, folder: Path, *, colour: bool) -> None:
        """`folder` takes one log file for each process, new at every start."""
        self.folder = folder
        self.colour = colour
        self._lock = threading.Lock()
        self._names: dict[str, int] = {}
        self._closed = False

    def say(self, text: str) -> None:
        """Write a line of the supervisor itself."""
        self.line("run", text)

    def plain(self, text: str) -> None:
        """Write text without a prefix."""
        self._write(text + "\n")

    def line(self, name: str, text: str) -> None:
        """Write one line of a process."""
        number = self._names.setdefault(name, len(self._names))
        label = f"{name:<{WIDTH}}"
        if self.colour:
            code = 1 if name == "run" else COLOURS[number % len(COLOURS)]
            label = f"\033[{code}m{label}\033[0m"
        self._write(f"{time.strftime('%H:%M:%S')} {label}│ {text}\n")

    def follow(self, name: str, stream: IO[bytes]) -> threading.Thread:
        """Copy a process's output until it ends."""
        thread = threading.Thread(target=self._copy, args=(name, stream), name=f"log-{name}", daemon=True)
        thread.start()
        return thread

    def _copy(self, name: str, stream: IO[bytes]) -> None:
        with (self.folder / f"{name}.log").open("ab") as file:
            for raw in stream:
                file.write(raw)
                file.flush()
                self.line(name, raw.decode("utf-8", "replace").rstrip())
        stream.close()

    def _write(self, text: str) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                sys.stdout.write(text)
                sys.stdout.flush()
            except (BrokenPipeError, OSError, ValueError):
                self._closed = True  # the terminal went away; the files go on
