"""Who may do what, generated: bundles by entry points by whose object it is."""
