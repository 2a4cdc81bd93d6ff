"""The hub: the one authority over a mall, for desks that come and go. HTTP is in `app.hub.http`, and only there."""
