"""Floor 9: pages made of several apps: home, code list, create, code page."""
