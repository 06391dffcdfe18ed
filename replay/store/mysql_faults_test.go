package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/source"
)

// TestMyBadDSN checks that errors do not contain the password, and that nothing waits for an
// absent server.
func TestMyBadDSN(t *testing.T) {
	for dsn, want := range map[string]string{
		"mysql://user:hunter22@127.0.0.1:1/db":                  "database db at 127.0.0.1:1, as user user, can't be reached: connection refused",
		"MariaDB://127.0.0.1:1/db?password=hunter22":            "can't be reached: ",
		"mysql://user:hunter22@h:notaport/db":                   "the connection string is invalid",
		"mysql://user:hunter22@127.0.0.1:99999/db":              "bad port",
		"mysql://user:hunter22@127.0.0.1:1/db?tls=whatever":     "bad tls",
		"mysql://u:hunter22@127.0.0.1:1/db?ssl-mode=odd":        "bad ssl-mode",
		"mysql://u:hunter22@127.0.0.1:1/db?ssl-ca=/no/such/ca":  "bad ssl-ca: the file can't be read",
		"mysql://u:hunter22@127.0.0.1:1/db?connect_timeout=-1":  "bad connect_timeout",
		"mysql://user:a@hunter22@127.0.0.1:1/db":                "has an @ in it",
		"mysql://user:1/hunter22@127.0.0.1:1/db":                "has a /, ? or # in it",
		"mysql://user:hunter22%zz@h/db":                         "the connection string is invalid",
		"mysql://user@127.0.0.1:1/db?pasword=hunter22":          "unknown parameter",
		"mysql://user@127.0.0.1:1/db?charset=hunter22&tls=true": "unknown parameter",
		"mysql://user:hunter22@127.0.0.1:1/db/table":            "more than a database",
		"mysql://user:hunter22@/db?socket=/no/such/socket":      "database db at /no/such/socket, as user user, can't be reached: ",
	} {
		se := openError(t, dsn, Options{})
		if !strings.Contains(se.Error(), want) || se.Next.Text == "" {
			t.Errorf("%s: %v (%s), want %s", dsn, se, se.Next, want)
		}
		if strings.Contains(se.Error()+se.Next.String()+se.Path, "hunter22") {
			t.Errorf("the password is in %q, hint %q", se, se.Next)
		}
	}
}

// packet builds a packet of MySQL's protocol.
func packet(seq byte, body ...byte) []byte {
	return append([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), seq}, body...)
}

// TestMyBadServers checks that no server is waited for indefinitely, and that the error
// describes the problem.
func TestMyBadServers(t *testing.T) {
	t.Parallel()
	hello := packet(0, []byte("\x0a8.0.0\x00\x01\x00\x00\x00abcdefgh\x00\xff\xf7\xff\x02\x00\xff\xc3\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00abcdefghijkl\x00mysql_native_password\x00")...)
	ok := packet(2, 0, 0, 0, 2, 0, 0, 0)
	read := func(c net.Conn) bool {
		_, err := c.Read(make([]byte, 4096))
		return err == nil
	}
	for name, c := range map[string]struct {
		serve func(net.Conn)
		says  string
	}{
		"silent":         {func(net.Conn) {}, "was silent for 50ms"},
		"reads":          {func(c net.Conn) { io.Copy(io.Discard, c) }, "was silent for 50ms"},
		"hangs up":       {func(c net.Conn) { c.Close() }, "can't be reached"},
		"garbles":        {func(c net.Conn) { c.Write(bytes.Repeat([]byte("HTTP/1.1 200 OK\r\n"), 100)) }, "can't be reached"},
		"half a message": {func(c net.Conn) { c.Write([]byte{99, 0, 0, 0, 1}) }, "was silent for 50ms"},
		"then silent":    {func(c net.Conn) { c.Write(hello); read(c); c.Write(ok) }, "was silent for 50ms"},
		"then hangs up":  {func(c net.Conn) { c.Write(hello); read(c); c.Write(ok); read(c); c.Close() }, "the connection was lost"},
		"then garbles": {func(c net.Conn) {
			c.Write(hello)
			read(c)
			c.Write(ok)
			for read(c) {
				c.Write(bytes.Repeat([]byte{1, 0, 0, 1, 0xfa}, 20))
			}
		}, "open mysql://"},
		"then sends without an end": {func(c net.Conn) {
			c.Write(hello)
			read(c)
			c.Write(ok)
			read(c)
			for n := byte(1); ; n++ {
				if _, err := c.Write(append([]byte{0xff, 0xff, 0xff, n}, make([]byte, 1<<24-1)...)); err != nil {
					return
				}
			}
		}, "more than the largest possible row"},
		"asks for a file": {func(c net.Conn) {
			c.Write(hello)
			read(c)
			c.Write(ok)
			read(c)
			c.Write(packet(1, append([]byte{0xfb}, "/etc/hostname"...)...))
			read(c)
		}, "open mysql://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := "mysql://u:hunter22@" + badServer(t, c.serve) + "/db"
			begun := time.Now()
			o := Options{ServerTimeout: 50 * time.Millisecond}
			switch {
			case name == "garbles": // what it sends claims more, which is waited for
				o.ServerTimeout = 2 * time.Second
			case strings.HasSuffix(name, "hangs up"), strings.HasPrefix(name, "then sends"): // it does so, if late
				o.ServerTimeout = time.Minute
			}
			se := openError(t, dsn, o)
			if !strings.Contains(se.Error(), c.says) || strings.Contains(se.Error()+se.Next.String(), "hunter22") || strings.Contains(se.Error(), "invalid connection") {
				t.Errorf("%v (%s), want %q", se, se.Next, c.says)
			}
			if took := time.Since(begun); took > 2*time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestMyDribblingServer checks that connect_timeout ends a server that sends a little now
// and then.
func TestMyDribblingServer(t *testing.T) {
	t.Parallel()
	dsn := "mysql://u@" + badServer(t, func(c net.Conn) {
		c.Write([]byte{0xff, 0xff, 0, 0})
		for {
			if _, err := c.Write([]byte{10}); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}) + "/db?connect_timeout=1"
	if se := openError(t, dsn, Options{ServerTimeout: time.Minute}); !strings.Contains(se.Error(), "it did not answer within 1s") {
		t.Error(se)
	}
}

// TestMyAnotherUser reads with minimal privileges, and checks the errors with fewer.
func TestMyAnotherUser(t *testing.T) {
	db := newMyDatabase(t)
	db.logged(30)
	db.Must("CREATE TABLE other(stream varchar(20), v int)")
	name := strings.TrimPrefix(mustParse(t, db.DSN).Path, "/")
	user := "reader_" + name
	db.Must("CREATE USER " + user + "@'127.0.0.1' IDENTIFIED BY 'only-reads'")
	t.Cleanup(func() { db.Must("DROP USER " + user + "@'127.0.0.1'") })
	u := mustParse(t, db.DSN)
	open := func(password string, o Options) (replay.Reader, error) {
		u.User = url.UserPassword(user, password)
		return Open(t.Context(), u.String(), o)
	}
	refused := func(password string, o Options, says, next string) {
		t.Helper()
		r, err := open(password, o)
		if err == nil {
			_, err = r.Summary(t.Context())
			r.Close()
		}
		var se *replay.StoreError
		if !errors.As(err, &se) || !strings.Contains(se.Error(), says) || !strings.Contains(se.Next.String(), next) || strings.Contains(se.Error()+se.Next.String(), password) {
			t.Errorf("%v, want %s, %s", err, says, next)
		}
	}
	refused("other-words", loggedOptions, "rejects the user or the password", "MYSQL_PWD")
	refused("only-reads", loggedOptions, "may not open the database", "ask for GRANT SELECT")
	db.Must("GRANT SELECT ON log TO " + user + "@'127.0.0.1'")
	r, err := open("only-reads", loggedOptions)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := len(events(t, r, replay.Query{})); got != 30 || strings.Contains(r.Info().Path+r.Info().Access, "only-reads") {
		t.Errorf("%d events of %+v", got, r.Info())
	}
	refused("only-reads", Options{Query: "SELECT stream, v AS version FROM other"}, "SELECT command denied", "")
	u.User = url.User(user)
	o := loggedOptions
	o.Getenv = func(name string) string { return map[string]string{"MYSQL_PWD": "only-reads"}[name] }
	if r, err := Open(t.Context(), u.String(), o); err != nil {
		t.Error(err)
	} else {
		r.Close()
	}
	u.User, u.Path = mustParse(t, db.DSN).User, "/no_such_database"
	if se := openError(t, u.String(), Options{}); !strings.Contains(se.Error(), "no such database") || !strings.Contains(se.Next.String(), "mysql://HOST/DATABASE") {
		t.Errorf("a missing database: %v (%s)", se, se.Next)
	}
	u.Path = "/"
	if se := openError(t, u.String(), Options{}); !strings.Contains(se.Error(), "names no database") || !strings.Contains(se.Next.String(), "asof_") {
		t.Errorf("no database: %v (%s)", se, se.Next)
	}
}

// TestMyBadQueries tells what is wrong with a query as the server does, and where.
func TestMyBadQueries(t *testing.T) {
	db := newMyDatabase(t)
	db.Must(queryStreams)
	db.Must(queryEvents)
	db.Must("CREATE SEQUENCE n")
	for _, q := range []struct{ sql, says string }{
		{"SELECT s AS stream,\n  nix AS version FROM ev", "Unknown column 'nix'"},
		{"SELECT s AS stream,\n  v AS AS version FROM ev", "the query is invalid at line 2, column 8: "},
		{"SELECT 1; SELECT 2", "must be a single statement"},
		{"SELECT 1) AS x; DROP TABLE ev; -- ", "the query is invalid at line 1, column 9"},
		{"DELETE FROM ev", "write a SELECT"},
		{"INSERT INTO s VALUES (99, 'x') RETURNING no AS stream, no AS version", "write a SELECT"},
		{"SELECT no AS stream FROM s", "names no column for version"},
		{"SELECT name AS version FROM s", "names no column for stream"},
		{"SELECT ? AS stream, 1 AS version", "has parameters"},
		{`SELECT "no" AS stream, "text" AS version FROM s`, "Unknown column 'text'"},
		{"SELECT 1 AS stream, 2 AS stream, 3 AS version", "Duplicate column name 'stream'"},
		{"SELECT 'a' AS stream, NEXTVAL(n) AS version", "write a SELECT"},
	} {
		r, err := Open(t.Context(), db.DSN, Options{Query: q.sql})
		if err == nil {
			_, err = r.Summary(t.Context())
			r.Close()
		}
		var se *replay.StoreError
		if !errors.As(err, &se) || !strings.Contains(err.Error()+" "+se.Next.String(), q.says) {
			t.Errorf("%s: %v, want %s", q.sql, err, q.says)
		}
	}
	if err := readQuery(func(o Options) (replay.Reader, error) { return Open(t.Context(), db.DSN, o) },
		"SELECT 'a?b FOR UPDATE' AS stream, 1 AS version, `t` AS type FROM ev -- what? FOR SHARE"); err != nil {
		t.Error(err)
	}
}

// TestMyHostileQueries runs queries that would write: each is refused, and the server's
// checksums are the same afterwards.
func TestMyHostileQueries(t *testing.T) {
	db := newMyDatabase(t)
	for _, sql := range []string{
		"CREATE TABLE e(s varchar(9), v int, d text)", "INSERT INTO e VALUES ('a', 1, '{}')", "CREATE SEQUENCE q", "CREATE TABLE my(s varchar(9), v int) ENGINE = MyISAM",
		"CREATE FUNCTION writes() RETURNS int BEGIN INSERT INTO e VALUES ('b', 1, ''); RETURN 1; END", "CREATE PROCEDURE p() INSERT INTO e VALUES ('b', 1, '')",
		"CREATE FUNCTION writes_my() RETURNS int BEGIN INSERT INTO my VALUES ('b', 1); RETURN 1; END",
	} {
		db.Must(sql)
	}
	sums := func() (out string) {
		for _, table := range []string{"e", "my"} {
			var name, sum string
			if err := db.DB.QueryRow("CHECKSUM TABLE "+table).Scan(&name, &sum); err != nil {
				t.Fatal(err)
			}
			out += name + " " + sum + "; "
		}
		return out
	}
	before := sums()
	open := func(o Options) (replay.Reader, error) { return Open(context.Background(), db.DSN, o) }
	const rows = "SELECT s AS stream, v AS version, d AS data FROM e"
	if err := readQuery(open, rows); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"DELETE FROM e RETURNING s AS stream, v AS version", "DROP TABLE e", "CREATE TABLE f AS " + rows, "CREATE TEMPORARY TABLE f AS " + rows, "CALL p()",
		rows + " INTO OUTFILE '/tmp/asof-never'", rows + " FOR UPDATE", rows + " LOCK IN SHARE MODE", rows + " LOCK/*!*/IN/* it */SHARE -- this\nMODE", rows + " /*!50000 LOCK IN SHARE MODE */", "SELECT writes() AS stream, 1 AS version", "SELECT writes_my() AS stream, 1 AS version",
		"SELECT NEXTVAL(q) AS stream, 1 AS version", "SELECT SETVAL(q, 9) AS stream, 1 AS version", "SET SESSION TRANSACTION READ WRITE", "COMMIT", "START TRANSACTION", "TRUNCATE e",
		"LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE e", "DO writes()", "FLUSH TABLES", "LOCK TABLES e WRITE", "XA START 'x'", "SELECT s, v INTO @a, @b FROM e",
		rows + "; DELETE FROM e", rows + "); DELETE FROM e; -- ", "/*! DELETE FROM e */", "HANDLER e OPEN",
	} {
		if err := readQuery(open, sql); err == nil {
			t.Errorf("%s: not refused", sql)
		}
	}
	if after := sums(); after != before {
		t.Errorf("the tables were %s now %s", before, after)
	}
}

// TestMyTwoEnginesSayMoments tells that a table whose engine has no snapshots is not of one
// moment.
func TestMyTwoEnginesSayMoments(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("CREATE TABLE a(stream varchar(9), version int) ENGINE = InnoDB")
	db.Must("CREATE TABLE b(stream varchar(9), version int) ENGINE = MyISAM")
	for name, want := range map[string]string{"a": "all answers are from the same moment", "b": "there are no snapshots of b (MyISAM)"} {
		r := db.open(Options{Table: name, Map: map[string]string{"stream": "stream", "version": "version"}})
		if got := r.Info().Access; !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

var myHomeMades = []homeMade{
	{
		"counted by a serial id", "e(id bigint unsigned AUTO_INCREMENT PRIMARY KEY, aggregate_id char(36), event_type varchar(40), payload json, created_at timestamp(6))",
		`(1,'6f2a0000-0000-4000-8000-000000000001','A','{"n":1}','2026-03-01 10:00:00'), (2,'6f2a0000-0000-4000-8000-000000000002','A','{"n":2}','2026-03-01 10:00:01'), (3,'6f2a0000-0000-4000-8000-000000000001','B','{"n":3}','2026-03-01 10:00:02')`,
		"stream=aggregate_id,version=#id,position=id,type=event_type,time=created_at,data=payload",
	},
	{
		"a plain table", "events(pos bigint AUTO_INCREMENT PRIMARY KEY, stream varchar(80) NOT NULL, v int NOT NULL, category varchar(20), type varchar(40), data json, at datetime(6), UNIQUE(stream, v))",
		`(1,'cart-1',1,'cart','A','{"n":1}','2026-03-01 10:00:00'), (2,'cart-2',1,'cart','A','{"n":2}','2026-03-01 10:00:01'), (3,'cart-1',2,'cart','B','{"n":3}','2026-03-01 10:00:02')`,
		"stream=stream,version=v,position=pos,category=category,type=type,time=at,data=data",
	},
	{
		"two tenants share a number", "e(tenant varchar(20), order_no int, seq int, kind varchar(20), body json, at datetime, PRIMARY KEY(tenant, order_no, seq))",
		`('a',1,1,'K','{"n":1}','2026-03-01 10:00:00'), ('b',1,1,'K','{"n":2}','2026-03-01 10:00:01'), ('a',1,2,'K','{"n":3}','2026-03-01 10:00:02')`,
		"stream=tenant+order_no,version=seq,type=kind,time=at,data=body",
	},
	{
		"several columns as the payload", "e(account int, seq int, kind varchar(20), amount decimal(10,3), note text, ts datetime, PRIMARY KEY(account, seq))",
		`(7,1,'credit',1.250,'a','2026-03-01 10:00:00'), (7,2,'debit',0.75,NULL,'2026-03-01 10:00:01')`,
		"stream=account,version=seq,type=kind,time=ts,data=amount+note",
	},
	{"users", "users(id int AUTO_INCREMENT PRIMARY KEY, name text, version int, data json)", `(1,'ann',3,'{"a":1}'), (2,'bob',1,'{"a":2}')`, "- no column names the entity"},
}

// TestMyProposalsForHomeMadeTables proposes mappings, and holds each to the suite.
func TestMyProposalsForHomeMadeTables(t *testing.T) {
	for _, h := range myHomeMades {
		t.Run(h.name, func(t *testing.T) {
			db := newMyDatabase(t)
			name, _, _ := strings.Cut(h.ddl, "(")
			db.Must("CREATE TABLE " + h.ddl)
			db.Must("INSERT INTO " + name + " VALUES " + h.rows)
			var unknown *UnknownDialectError
			if se := openError(t, db.DSN, Options{}); !errors.As(se, &unknown) {
				t.Fatal(se)
			}
			checkProposals(t, h, unknown)
			for _, p := range unknown.Proposals {
				db.proposalConforms(t, p)
			}
		})
	}
}

func (db *myDatabase) proposalConforms(t *testing.T, p source.Proposal) {
	o := Options{Table: p.Table, Map: p.Map}
	r := db.open(o)
	q := replay.Query{}
	if !r.Info().Has("positions") {
		q.Order = replay.ByStream
	}
	var want []replay.Event
	for _, e := range events(t, r, q) {
		want = append(want, *e)
	}
	db.conforms(t, want, o)
}
