"""The simulator against WeCom's documented samples, over real HTTP."""
