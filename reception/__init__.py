"""Floor 7: customers arriving: callback inbox, contacts, welcomes."""
