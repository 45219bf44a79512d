import pytest
from django.db import connection


def test_liveness_needs_nothing(client, django_assert_num_queries):
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"live": True})
    assert response.cookies == {}
    assert "Cookie" not in response.get("Vary", "")


def test_ready_when_the_database_has_every_migration(db, client):
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"ready": True, "because": ""})


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_a_migration_is_missing(client):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = 'later' WHERE app = 'jobs' AND name = '0002_shared_cache'")
    try:
        response = client.get("/health/ready")
        assert response.status_code == 503
        assert response.json() == {"ready": False, "because": "Migrations not yet applied: 1."}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET name = '0002_shared_cache' WHERE name = 'later'")


@pytest.mark.servers
def test_not_ready_but_alive_without_a_database(gunicorn_site, tmp_path):
    address = gunicorn_site(DATABASE_URL=f"postgres://nobody@{str(tmp_path).replace('/', '%2F')}/nowhere")
    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/health/ready", timeout=5)
    assert refused.value.code == 503
    assert b"The database cannot be reached." in refused.value.read()
    refused.value.close()


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_answers_when_asked_by_number(address, db, client, settings):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["pledge.example"], True
    settings.SECURE_REDIRECT_EXEMPT = [r"^health/"]
    assert client.get(address, headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_health_cannot_be_posted_to(client):
    assert client.post("/health/live").status_code == 405
