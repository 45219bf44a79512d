"""What a production site is set to, for tests that start a process of their own with it. All names are fictional."""

PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "x7" * 20 + "-a-key-for-this-test-only-0123456789",
    "ALLOWED_HOSTS": "pledge.example",
    "DATABASE_URL": "postgres://pledge@db.example/pledge",
    "REDIS_URL": "redis://:word@redis.example/0",
    "EMAIL_URL": "submission://mailer:word@mail.example:587",
    "SITE_URL": "https://pledge.example",
    "CONTACT_EMAIL": "team@pledge.example",
}
