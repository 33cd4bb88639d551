"""WeCom's server API under /cgi-bin/, one module per noun."""
