"""What a browser could do for a page, and ours never asks for: switched off in every answer (Permissions-Policy).

Only what could tell a page about a person, their device or what is around them, or act in their name. What can do
neither (playing sound, hints about the window, translating) is left out: it would only make each answer longer. No
script but ours runs anyway (Content-Security-Policy); this is the second lock."""

# Passkeys.
SELF_ONLY = ("publickey-credentials-create", "publickey-credentials-get")
AROUND = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone")
DEVICE = ("hid", "idle-detection", "local-fonts", "local-network-access", "midi", "screen-wake-lock", "serial", "usb")
WINDOW = ("fullscreen", "window-management", "xr-spatial-tracking")
PERSON = (
    *("browsing-topics", "clipboard-read", "digital-credentials-get", "identity-credentials-get"),
    *("otp-credentials", "payment", "storage-access"),
)
SWITCHED_OFF = tuple(sorted((*AROUND, *DEVICE, *WINDOW, *PERSON)))
