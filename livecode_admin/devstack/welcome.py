"""What a person sees when the demo is up: addresses and accounts."""

from livecode_admin.devstack import state
from livecode_admin.devstack.place import Place


def greeting(place: Place) -> str:
    """Return the addresses and the accounts of each demo tenant as text."""
    lines = [
        "",
        f"  Console    {place.url('console')}",
        f"  Scan page  {place.url('edge')}/c/<code>",
        f"  Phone      {place.url('simulator')}/   (simulated WeCom)",
    ]
    for tenant in (state.load(place.demo_file) or {}).get("tenants", []):
        lines += ["", f"  {tenant.get('name', '')}  {place.url('console')}/t/{tenant.get('slug', '')}/"]
        lines += [
            f"    {account.get('bundle', ''):<16} {account.get('username', ''):<32} {account.get('password', '')}"
            f"{'   + ./run code' if account.get('totp_secret') else ''}"
            for account in tenant.get("accounts", [])
        ]
    lines += ["", "  Two steps: ./run code USERNAME prints the six digits (totp_secret in state.json for an app)."]
    lines += ["", f"  Data and state.json in {place.data_dir}. Ctrl-C (or ./run down) stops everything.", ""]
    return "\n".join(lines)
