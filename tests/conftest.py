"""What every test may use. Servers are started by tests/servers.py; the other fixtures follow."""
