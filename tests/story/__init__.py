"""The whole story with the product's real processes, and its failure twins."""
