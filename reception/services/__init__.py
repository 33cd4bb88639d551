"""The writers of reception: the inbox, contacts and their history, greetings, the welcome library."""
