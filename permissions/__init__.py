"""Floor 2: members, departments, role bundles, access, audit."""
