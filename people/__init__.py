"""Floor 4: staff and customers, synced from WeCom."""
