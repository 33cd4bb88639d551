"""What the pages of routing read from forms."""
