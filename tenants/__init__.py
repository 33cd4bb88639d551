"""Floor 1: companies, the tenant context and the two isolation walls."""
