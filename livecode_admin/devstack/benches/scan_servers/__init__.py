"""What the scan path is compared with: small servers that answer with the same bytes, run by the same granian."""
