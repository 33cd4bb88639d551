"""Floor 6: the tag tree, tags of codes and of customers."""
