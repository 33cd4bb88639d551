"""Floor 5: what is printed: live codes, folders, channels."""
