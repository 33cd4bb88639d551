"""Faults that a person at the keyboard can mend; each is shown as one line, without a traceback."""


class DevstackProblem(Exception):
    """The message says what is wrong and what to do, in one line."""
