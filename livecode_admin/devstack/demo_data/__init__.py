"""Two believable companies for the demo: their people, codes, and sixty days of customers."""
