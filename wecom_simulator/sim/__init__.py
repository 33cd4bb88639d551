"""The simulator's own interface under /sim/: seeding, tests and the phone page use it."""
