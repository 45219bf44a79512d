"""What browsers could do for a page, and ours never asks for: switched off in every answer (Permissions-Policy).

The names are those that Chromium knows, and with it Firefox and Safari, which know fewer. A test asks the browser."""

# Passkeys.
SELF_ONLY = ("publickey-credentials-create", "publickey-credentials-get")
_NAMES = """
    accelerometer aria-notify autoplay browsing-topics camera captured-surface-control ch-device-memory
    ch-downlink ch-dpr ch-ect ch-prefers-color-scheme ch-prefers-reduced-motion ch-prefers-reduced-transparency
    ch-rtt ch-save-data ch-ua ch-ua-arch ch-ua-bitness ch-ua-form-factors ch-ua-full-version
    ch-ua-full-version-list ch-ua-high-entropy-values ch-ua-mobile ch-ua-model ch-ua-platform
    ch-ua-platform-version ch-ua-wow64 ch-viewport-height ch-viewport-width ch-width clipboard-read
    clipboard-write compute-pressure cross-origin-isolated deferred-fetch deferred-fetch-minimal
    digital-credentials-create digital-credentials-get display-capture encrypted-media fullscreen gamepad
    geolocation gyroscope hid identity-credentials-get idle-detection interest-cohort keyboard-map
    language-detector language-model local-fonts local-network local-network-access loopback-network
    magnetometer media-playback-while-not-visible microphone midi on-device-speech-recognition otp-credentials
    payment picture-in-picture private-state-token-issuance private-state-token-redemption screen-wake-lock
    serial speaker-selection storage-access summarizer sync-xhr translator unload usb window-management
    xr-spatial-tracking
"""
SWITCHED_OFF = tuple(_NAMES.split())
