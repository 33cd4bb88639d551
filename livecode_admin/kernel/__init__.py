"""Floor 0: clock, ids, sealed secrets, the one outgoing-HTTP door; knows no app."""
