"""`python -m livecode_admin.devstack COMMAND`: what `./run` calls once the virtual environment stands."""

import argparse
import errno
import sys

from livecode_admin.devstack import authenticator, background, bench, demo, suite
from livecode_admin.devstack.faults.command import faults
from livecode_admin.devstack.place import Place
from livecode_admin.devstack.problems import DevstackProblem


def main() -> int:
    """Parse the command line, run the command, turn faults into one line."""
    parser = argparse.ArgumentParser(prog="./run")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("demo", "down", "status", "reset", "code"):
        command = commands.add_parser(name)
        command.add_argument("--data", metavar="DIR", help="where the data live (default .devstack)")
        if name == "code":
            command.add_argument("username", help="an account of the demo that signs in with two steps")
        if name == "demo":
            command.add_argument("--detach", action="store_true", help="run in the background")
    try:
        if handed_over := {"test": suite.run, "bench": bench.bench, "faults": faults}.get("".join(sys.argv[1:2])):
            return handed_over(sys.argv[2:])  # the arguments are theirs
        chosen = parser.parse_args()
        place = Place.from_environment(chosen.data)
        if chosen.command == "demo" and not chosen.detach:
            return demo.run(place, colour=sys.stdout.isatty())
        if chosen.command == "code":
            return authenticator.show(place, chosen.username)
        action = {
            "demo": background.detach,
            "down": background.down,
            "status": background.status,
            "reset": background.reset,
        }[chosen.command]
        return action(place)
    except DevstackProblem as problem:
        sys.stderr.write(f"{problem}\n")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        sys.stderr.write(f"{error.strerror}: {error.filename or 'the data directory'}\n")
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
