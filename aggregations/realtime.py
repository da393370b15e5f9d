"""What a process that serves sockets follows: one change stream over the whole database, cut down by the server."""
from collections.abc import Collection


def changes(event_types: Collection[str]) -> list[dict]:
    """Events of these types as they commit, and whatever takes a right to see them away or gives one.

    The stream is the order of the commits; event ids are made earlier, inside transactions that end as they like.
    """
    return [
        {"$match": {"$or": [
            {"ns.coll": "events", "operationType": "insert", "fullDocument.type": {"$in": sorted(event_types)}},
            {"ns.coll": "sessions", "operationType": "delete"},
            {"ns.coll": "cashiers", "operationType": {"$in": ["insert", "delete"]}},
            {"ns.coll": "merchants", "operationType": "insert"}]}},
        {"$project": {
            "ns.coll": 1, "operationType": 1, "documentKey": 1,
            **{f"fullDocument.{name}": 1 for name in ("_id", "type", "subject", "user", "merchant", "data")}}},
    ]


def changes_for_staff() -> list[dict]:
    """Every event as it commits, whatever is given up and waits for an operator, and the end of logins."""
    return [
        {"$match": {"$or": [
            {"ns.coll": "events", "operationType": "insert"},
            {"ns.coll": "events", "operationType": "update",
             "updateDescription.updatedFields.parked_at": {"$exists": True}},
            {"ns.coll": "gateway_events", "operationType": "update",
             "updateDescription.updatedFields.status": "parked"},
            {"ns.coll": "sessions", "operationType": "delete"}]}},
        {"$project": {
            "ns.coll": 1, "operationType": 1, "documentKey": 1, "clusterTime": 1,
            **{f"fullDocument.{name}": 1 for name in (
                "_id", "type", "subject", "user", "merchant", "data", "created_at")}}},
    ]
