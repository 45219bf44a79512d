"""What browsers could do for a page, and ours never asks for: it is switched off in every answer (Permissions-Policy).

The names are those that Chromium, Firefox and Safari know. A test asks Chromium whether one is missing."""

# Passkeys.
SELF_ONLY = ("publickey-credentials-create", "publickey-credentials-get")
SWITCHED_OFF = (
    "accelerometer",
    "camera",
    "geolocation",
    "microphone",
    "payment",
    "usb",
)
