"""How people prove who they are: passwords, one-time codes, and the province's single sign-on."""
