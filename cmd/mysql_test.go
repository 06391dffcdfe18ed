package cmd

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"asof/fixtures/demo"
	"asof/fixtures/write"
	"asof/replay/store/testdb"
)

// mysqlShop fills a database of its own with a shop, in the layout of a library, on the
// server that .ci/mariadb.sh starts. Its connection string has no password, which the
// environment has.
func mysqlShop(t *testing.T, d write.MyDialect) (dsn string, env map[string]string) {
	t.Helper()
	db := testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))
	if err := d.Write(t.Context(), db.Run, demo.Shop(demo.ShopLeast)); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	u.User = url.User(u.User.Username())
	return u.String(), map[string]string{"MYSQL_PWD": password}
}

// TestInitOnMySQL writes a project for each library's tables on MySQL, and runs what it
// names: a password is in none of it.
func TestInitOnMySQL(t *testing.T) {
	for _, d := range write.MyDialects() {
		t.Run(d.Name+d.Variant, func(t *testing.T) {
			dsn, env := mysqlShop(t, d)
			runsAtOnce(t, env, dsn)
		})
	}
}

// TestMySQLVerbs asks a mapped table with every kind of verb, and compares what the general
// log of the server says that it was asked to do.
func TestMySQLVerbs(t *testing.T) {
	db := testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))
	db.Must("CREATE TABLE moves(pos bigint unsigned AUTO_INCREMENT PRIMARY KEY, account varchar(20), v int, kind varchar(20), body json, at datetime(6), UNIQUE(account, v))")
	db.Must(`INSERT INTO moves VALUES (1, 'a', 1, 'Opened', '{"total": 1}', '2026-03-01 10:00:00'), (2, 'b', 1, 'Opened', '{"total": 5}', '2026-03-01 10:00:01'), (3, 'a', 2, 'Moved', '{"total": -1}', '2026-03-01 10:00:02')`)
	db.Must("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1")
	t.Cleanup(func() { db.Must("SET GLOBAL general_log = 0, GLOBAL log_output = 'FILE'") })
	dir := t.TempDir()
	mapping := []string{"--table", "moves", "--map", "stream=account,version=v,position=pos,type=kind,data=body,time=at"}
	for _, c := range []struct {
		verb []string
		want string
		code int
	}{
		{[]string{"info", "STORE"}, "3\n", 0},
		{[]string{"streams", "STORE"}, "a  ", 0},
		{[]string{"replay", "STORE", "a@1"}, `"total": 1`, 0},
		{[]string{"replay", "STORE", "a@2026-03-01T10:00:01Z"}, `"total": 1`, 0},
		{[]string{"log", "STORE", "--all", "--limit", "1"}, "Opened", 0},
		{[]string{"diff", "STORE", "a@1", "a@2"}, "-1", 0},
		{[]string{"blame", "STORE", "a"}, "Moved", 0},
		{[]string{"check", "STORE", "--bad", "state.total < 0"}, "1 violation", 1},
		{[]string{"bisect", "STORE", "a", "--bad", "state.total < 0"}, "a@2 Moved is the first bad event", 0},
	} {
		args := []string{c.verb[0], db.DSN}
		args = append(append(args, c.verb[2:]...), mapping...)
		out, errs, code := run(t, dir, nil, args...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit %d, want %d and %q\n%s%s", c.verb, code, c.code, c.want, out, errs)
		}
	}
	name := db.DSN[strings.LastIndexByte(db.DSN, '/')+1:]
	rows, err := db.DB.Query(`SELECT DISTINCT left(convert(argument USING utf8mb4), 60) FROM mysql.general_log WHERE command_type IN ('Query', 'Prepare', 'Execute')
		AND thread_id IN (SELECT thread_id FROM mysql.general_log WHERE command_type = 'Connect' AND argument LIKE concat('%', ?, '%')) AND thread_id <> connection_id()`, name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var sql string
		if err := rows.Scan(&sql); err != nil {
			t.Fatal(err)
		}
		n++
		word, _, _ := strings.Cut(sql, " ")
		if !strings.Contains("SELECT SET DO KILL START", word) || word == "START" && !strings.HasSuffix(sql, "READ ONLY") || strings.HasPrefix(sql, "SET GLOBAL") {
			t.Errorf("the server was asked to %s", sql)
		}
	}
	if n < 10 {
		t.Errorf("only %d statements were logged", n)
	}
}
