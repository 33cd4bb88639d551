"""Generic leak tests: two tenants filled with canaries, every model, every URL, every task, four states of the walls.

They grow by themselves: a new model that the factory can't fill, a URL without a guard or an unlisted table fails.
"""
