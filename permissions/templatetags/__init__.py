"""Template tags of permissions."""
