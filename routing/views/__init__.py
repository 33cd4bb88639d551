"""Console pages of routing."""
