"""Runs the views of the module `analytics` in DuckDB, and answers their rows.

Reads from stdin a JSON object: `now`, the time of the views in microseconds since 1970; `messages`, the rows of the table that Pub/Sub
writes; `views`, pairs of name and SQL in BigQuery's dialect, each after those that it reads. Writes an object of rows by view; times
are microseconds since 1970.
"""

import json
import sys
import tempfile

import duckdb
import sqlglot
from sqlglot import exp


def in_duckdb(sql, now_us):
    """Says a BigQuery query in DuckDB's dialect, at a fixed time."""
    [query] = sqlglot.parse(sql, read="bigquery")
    now = exp.Anonymous(this="MAKE_TIMESTAMPTZ", expressions=[exp.Literal.number(now_us)])
    fixed = query.transform(lambda node: now.copy() if isinstance(node, exp.CurrentTimestamp) else node)
    return fixed.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)


def rows_of(database, view):
    """Reads a view, with times in microseconds since 1970."""
    columns = database.execute(f"DESCRIBE {view}").fetchall()
    shown = [f"EPOCH_US({name}) AS {name}" if kind.startswith("TIMESTAMP") else name for name, kind, *_ in columns]
    names = [name for name, *_ in columns]
    rows = database.execute(f"SELECT {', '.join(shown)} FROM {view}").fetchall()
    return [dict(zip(names, row)) for row in rows]


def main():
    request = json.load(sys.stdin)
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as rows:
        rows.writelines(f"{json.dumps(message)}\n" for message in request["messages"])
        rows.flush()
        database.execute(
            """CREATE TABLE events AS
            SELECT 'subscription' AS subscription_name, message_id, make_timestamptz(publish_us) AS publish_time, data, attributes
            FROM read_json(?, format = 'newline_delimited', columns = {
              message_id: 'VARCHAR', publish_us: 'BIGINT', data: 'VARCHAR', attributes: 'VARCHAR'
            })""",
            [rows.name],
        )
    for name, sql in request["views"]:
        database.execute(f"CREATE VIEW {name} AS {in_duckdb(sql, request['now'])}")
    json.dump({name: rows_of(database, name) for name, _ in request["views"]}, sys.stdout)


main()
