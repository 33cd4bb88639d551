"""Settings: base (what always holds), development, test, production."""
