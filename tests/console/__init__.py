"""The pages that are made of several apps: their rights, their queries, their dialogs, their accessibility."""
