package testdb

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// A MySQL is a database for a single test.
type MySQL struct {
	testing.TB
	DSN string
	DB  *sql.DB // of one connection

	cfg *mysql.Config
}

// NewMySQL creates a database on a server, or skips the test if server is empty. Like most
// databases, it takes upper and lower case for the same.
func NewMySQL(t testing.TB, server string) *MySQL {
	t.Helper()
	if server == "" {
		t.Skip("no MariaDB: run .ci/mariadb.sh go test")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr = u.User.Username(), "tcp", u.Host
	cfg.Passwd, _ = u.User.Password()
	cfg.MultiStatements = true
	admin := connectMySQL(t, cfg)
	name := fmt.Sprintf("asof_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := admin.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE IF EXISTS " + name); err != nil {
			t.Error(err)
		}
	})
	cfg.DBName, u.Path = name, "/"+name
	db := &MySQL{TB: t, DSN: u.String(), DB: connectMySQL(t, cfg), cfg: cfg}
	t.Cleanup(db.EndReaders) // of a failed test, which would keep the database
	return db
}

// EndReaders ends the other connections to the database.
func (db *MySQL) EndReaders() {
	var kills []string
	rows, err := db.DB.Query("SELECT concat('KILL ', id) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()")
	if err != nil {
		db.Fatal(err)
	}
	for rows.Next() {
		var kill string
		if err := rows.Scan(&kill); err != nil {
			db.Error(err)
		}
		kills = append(kills, kill)
	}
	rows.Close()
	for _, kill := range kills {
		db.DB.Exec(kill) //nolint:errcheck // it may have ended
	}
}

func connectMySQL(t testing.TB, cfg *mysql.Config) *sql.DB {
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// Another returns the database with another connection.
func (db *MySQL) Another() *MySQL {
	other := *db
	other.DB = connectMySQL(db.TB, db.cfg)
	return &other
}

// Run runs a statement.
func (db *MySQL) Run(ctx context.Context, sql string, args ...any) error {
	_, err := db.DB.ExecContext(ctx, sql, args...)
	return err
}

// Must runs a statement that must succeed.
func (db *MySQL) Must(sql string, args ...any) {
	db.Helper()
	if err := db.Run(context.Background(), sql, args...); err != nil {
		db.Fatalf("%s: %v", sql, err)
	}
}
