"""Text messages: by Twilio, or by the city's own service, which only sends."""
