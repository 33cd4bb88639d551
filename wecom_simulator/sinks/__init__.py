"""Where the console's webhooks and mails end up, to be looked at."""
