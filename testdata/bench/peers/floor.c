// The floor: SQLite's C library reads the rows of one stream and does nothing else.
// Build: cc -O2 floor.c -lsqlite3
#include <sqlite3.h>
#include <stdio.h>

int main(int argc, char **argv) {
	sqlite3 *db;
	sqlite3_stmt *st;
	long rows = 0, bytes = 0;
	if (argc < 3 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, 0) != SQLITE_OK) return 1;
	const char *sql = "SELECT version, type, data FROM asof_events WHERE stream = ?1 ORDER BY version";
	if (sqlite3_prepare_v2(db, sql, -1, &st, 0) != SQLITE_OK) return 1;
	sqlite3_bind_text(st, 1, argv[2], -1, SQLITE_STATIC);
	while (sqlite3_step(st) == SQLITE_ROW) {
		rows++;
		bytes += sqlite3_column_bytes(st, 2) + sqlite3_column_text(st, 2)[0];
	}
	printf("%ld rows, %ld bytes\n", rows, bytes);
	return 0;
}
