"""Floor 3: CRM endpoints, the outbox and its delivery."""
