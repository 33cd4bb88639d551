"""Everything one machine needs to run the product: embedded servers, supervisor, demo data. Imported by nobody."""
