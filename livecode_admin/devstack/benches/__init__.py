"""Measurements of the running product, each a module that `./run bench NAME` starts."""
