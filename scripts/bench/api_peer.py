"""What the API is measured against: one page of an inventory by FastAPI and SQLite, as the older program served it."""

import os
import sqlite3
import sys
import threading
from pathlib import Path

COLUMNS = "path, name, category, size_bytes, mtime_utc, drive_label, ext, mime"


def fill(database, shard):
    """Copies the documented view of a shard into a table with the index that its order wants."""
    part = Path(f"{database}.part")
    part.unlink(missing_ok=True)
    with sqlite3.connect(part) as connection:
        connection.execute("ATTACH ? AS shard", (f"file:{shard}?mode=ro",))
        connection.execute(f"CREATE TABLE inventory AS SELECT {COLUMNS} FROM shard.inventory")
        connection.execute("CREATE INDEX inventory_by_path ON inventory(path COLLATE NOCASE)")
        connection.execute("ANALYZE main")
    part.rename(database)


def application():
    """Returns the application over the database that the environment names."""
    from fastapi import FastAPI, Header, HTTPException

    app, local = FastAPI(), threading.local()

    def connection():
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(os.environ["PEER_DATABASE"])
        return local.connection

    @app.get("/v1/inventory")
    def inventory(drive_label: str, q: str = "", limit: int = 100, offset: int = 0, x_api_key: str = Header("")):
        if x_api_key != os.environ["PEER_KEY"]:
            raise HTTPException(401)
        like = f"%{q.lower()}%"
        where = "WHERE (?1 = '%%' OR lower(path) LIKE ?1)"
        rows = connection().execute(
            f"SELECT {COLUMNS} FROM inventory {where} ORDER BY path COLLATE NOCASE LIMIT ?2 OFFSET ?3", (like, limit + 1, offset)
        )
        results = [dict(zip(COLUMNS.split(", "), row)) for row in rows]
        counted = f"SELECT count(*) FROM (SELECT 1 FROM inventory {where} LIMIT 10001)"
        total = connection().execute(counted, (like,)).fetchone()[0]
        return {
            "limit": limit,
            "offset": offset,
            "next_offset": offset + limit if len(results) > limit else None,
            "total_estimate": total if total <= 10000 else None,
            "results": results[:limit],
        }

    return app


def serve(port):
    import uvicorn

    # As many processes as cores: Python runs one thread at a time.
    uvicorn.run("api_peer:application", factory=True, port=int(port), workers=os.cpu_count(), log_level="warning")


if __name__ == "__main__":
    serve(sys.argv[1])
