package testdb

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

var databases atomic.Int64

// A Postgres is a database for a single test.
type Postgres struct {
	testing.TB
	DSN  string
	Conn *pgconn.PgConn
}

// New creates a database on a server, or skips the test if server is empty. Like most
// databases, it does not compare text by byte.
func New(t testing.TB, server string) *Postgres {
	t.Helper()
	if server == "" {
		t.Skip("no PostgreSQL: run .ci/postgres.sh go test")
	}
	ctx := context.Background()
	admin, err := pgconn.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close(ctx) })
	name := fmt.Sprintf("asof_%d_%d", os.Getpid(), databases.Add(1))
	_, err = admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8' STRATEGY file_copy").ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)").ReadAll() })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	db := &Postgres{TB: t, DSN: u.String()}
	if db.Conn, err = pgconn.Connect(ctx, db.DSN); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Conn.Close(ctx) })
	return db
}

// Run runs a statement. Arguments are sent as text, bytes as bytea.
func (db *Postgres) Run(ctx context.Context, sql string, args ...any) error {
	if len(args) == 0 {
		_, err := db.Conn.Exec(ctx, sql).ReadAll()
		return err
	}
	params := make([][]byte, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case nil:
		case bool:
			params[i] = []byte(fmt.Sprint(v))
		case []byte:
			params[i] = fmt.Appendf(nil, `\x%x`, v)
		default:
			params[i] = fmt.Append([]byte{}, v) // keeps an empty text distinct from NULL
		}
	}
	_, err := db.Conn.ExecParams(ctx, sql, params, nil, nil, nil).Close()
	return err
}

// Must runs a statement that must succeed.
func (db *Postgres) Must(sql string, args ...any) {
	db.Helper()
	if err := db.Run(context.Background(), sql, args...); err != nil {
		db.Fatalf("%s: %v", sql, err)
	}
}
