"""Floor 6: who receives: rosters, rules, engine, scans, contact ways."""
