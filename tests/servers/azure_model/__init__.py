"""A model of Azure Blob Storage's immutability on loopback, for tests.

It follows state_table.json and Microsoft's documentation, never what some client happens to send: what
neither has is refused. Every start begins with an empty account. Nothing here is code of the project
under test. What it leaves out: leases, snapshots, copies, append and page blobs, soft delete.
"""
