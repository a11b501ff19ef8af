"""OpenID Connect: signing in at a provider of an office, by the Swedish profile (oidc.se).

Authorization code with PKCE, `private_key_jwt`, state, nonce, exact issuer and audience, and the
level of trust (`acr`) that the office accepts. The protocol alone, which asks no database; who is
linked to an identity is a rule of `service.people.provider_sign_in`. Source: decisions/0136.
"""
