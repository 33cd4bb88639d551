"""The only writers of routing beside the batch: rosters and caps, rules, publishing, contact ways, slots."""
