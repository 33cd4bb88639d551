"""Floor 8: rollups and figures."""
