"""Pages of permissions: signing in, members, role bundles, the audit log."""
