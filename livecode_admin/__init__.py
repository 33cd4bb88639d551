"""The roof: settings, URLs, servers, and the pages made of several apps."""
