"""How fast it is, and how it grows: `make bench`. No app: nothing imports it.

Real gunicorn on real PostgreSQL with invented data, beside a view that does nothing on the same server, and
WeasyPrint alone on the same content. The client runs on the same machine and takes its share of it.
"""
