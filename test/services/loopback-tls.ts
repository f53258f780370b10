/**
 * A server certificate for `localhost` and `127.0.0.1`, signed by itself, valid to 2120. For tests on the loopback interface only:
 * the key is public.
 */
export const loopbackTls: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHrp/14ti/qHnNGhs
6k3vUoWwLpfZuHHcd34Ft0EF7q+hRANCAAQzn+OG+ntDv/ovqQeLsDrcCy/rAQ1G
yg6nuZALGyxdp6Jjviqk4IFmLGn8DWnVI2HrdAwCn4zVs3f89K0gmzmg
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBaTCCAQ6gAwIBAgICEAEwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxo
b3N0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAUMRIwEAYDVQQD
DAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQzn+OG+ntDv/ov
qQeLsDrcCy/rAQ1Gyg6nuZALGyxdp6Jjviqk4IFmLGn8DWnVI2HrdAwCn4zVs3f8
9K0gmzmgo04wTDAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCCWxvY2FsaG9z
dIcEfwAAATAdBgNVHQ4EFgQUN+wSmL3LExdmrKEo27SpDAcqXdUwCgYIKoZIzj0E
AwIDSQAwRgIhAIIG5K1O7zAgEWNYjyoHwyp2yrkcQq6CdfjAL4FWWkebAiEAlPyG
0cVbHkBNOez/A9AtYURtmsXJ5G2aBGapEhJ557o=
-----END CERTIFICATE-----`,
};
