// A self-signed certificate for localhost and 127.0.0.1 that protects nothing:
// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj
// /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUP0VNyvhvj2s6ThoiKPr0zLdNfHYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDIwMTc0OFoYDzIxMjYxMDI3
MjAxNzQ4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATih1az8DChjwhQV9+cAo495rDCzAGNCB5SyneUSUQkDNbMzm8KbGFl
xDeEF8HRKckQQRrJIf7zXxs1vfpTeH1Yo28wbTAdBgNVHQ4EFgQU4pEisDuHgdeM
cJk4wb6WLfKIqCEwHwYDVR0jBBgwFoAU4pEisDuHgdeMcJk4wb6WLfKIqCEwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAI9VDwNu7eV25sUxpATUVFdRokdcSLAEVpsbjUL9ZLz0AiEA
jybREg0mxWyvjWmkkRbaiT3JC3ITvwJdxgwgtps5rAs=
-----END CERTIFICATE-----
`

export const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+mrMMe4YEXANfQ3k
jnW9PHMESqJRtVwfVNGphIsly9uhRANCAATih1az8DChjwhQV9+cAo495rDCzAGN
CB5SyneUSUQkDNbMzm8KbGFlxDeEF8HRKckQQRrJIf7zXxs1vfpTeH1Y
-----END PRIVATE KEY-----
`
