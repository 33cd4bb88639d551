"""Commands of permissions."""
