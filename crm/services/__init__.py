"""The writers of CRM sync: the endpoint and its switch, the outbox, delivery."""
