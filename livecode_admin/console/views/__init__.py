"""Views of the pages that are made of several apps."""
