"""The WeCom (企业微信) protocol in plain Python: crypto, events, errors, limits, client. No Django here."""
