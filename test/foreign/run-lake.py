"""Reads statements of Athena's from the standard input, and runs them over a copy of the bucket with DuckDB.

Input: {"folder": "...", "statements": {"name": "sql", ...}}. Output: by name, the rows as objects; a view is selected from."""

import json
import sys

import duckdb
import sqlglot

given = json.load(sys.stdin)
folder = given["folder"]
connection = duckdb.connect()


def lines(glob):
    """A line of each object is one text, as the tables of the lake have it."""
    options = "columns={'line': 'VARCHAR'}, delim='\x01', quote='', escape='', header=false, filename=true"
    return f"select line, filename from read_csv('{folder}/{glob}', {options})"


def part(index):
    return f"split_part(substr(filename, {len(folder) + 2}), '/', {index})"


columns = f'line, filename as "$path", {part(2)} as connection, {part(3)} as stream'
connection.execute(
    f"create view changes as select {columns}, {part(4)} as day from ({lines('changes/*/*/*/*.ndjson.gz')})"
)
snapshots = " union all ".join(lines(f"snapshots/*/*/*/{name}") for name in ("*.ndjson.gz", "finished.json"))
connection.execute(f"create view snapshots as select {columns} from ({snapshots})")

answers = {}
for name, sql in given["statements"].items():
    # Raises where it is no SQL of Trino's.
    [statement] = sqlglot.parse(sql, read="trino")
    cursor = connection.execute(statement.sql(dialect="duckdb"))
    if isinstance(statement, sqlglot.exp.Create):
        cursor = connection.execute(f"select * from {statement.this.sql(dialect='duckdb')}")
    names = [column[0] for column in cursor.description]
    answers[name] = [dict(zip(names, row)) for row in cursor.fetchall()]
json.dump(answers, sys.stdout, default=str)
