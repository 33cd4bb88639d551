"""The other side of WeCom, for one machine: the API, the callbacks, and a phone that scans, adds, chats and deletes.

It imports nothing of our own apps: it is written from WeCom's documents alone, so that it checks us.
"""
